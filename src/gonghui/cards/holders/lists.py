"""The list of cards: of an officer's union all, of others those of whom a superior looks for."""

from typing import NamedTuple

from gonghui.accounts.models import User
from gonghui.cards.models import Card, CardQuerySet
from gonghui.kit import crypto
from gonghui.kit.paging import SIZES
from gonghui.members.queries import Filters, is_common, listed_members

FEW, FEW_NAMESAKES = 10_000, 2_000
"""So many members are few: their cards are named. Those of a common name are read one after the other (`is_common`)."""


class Listed(NamedTuple):
    """The cards of a list; ``at_least`` so many, and more than a page, where they are too many to be counted."""

    cards: CardQuerySet
    at_least: int | None = None


def listed_cards(user: User, filters: Filters, *, card_number: str = "") -> Listed | None:
    """Returns the cards of the visible members; None for a superior without a search: there may be millions."""
    cards: CardQuerySet = Card.objects.visible_to(user)
    if filters.wrong:
        return Listed(cards.none())
    if card_number:
        return Listed(cards.filter(number_hash=crypto.fingerprint(card_number)))
    own = user.union is not None and user.union.is_grassroots
    if filters:
        if own:
            return _cards_of(user, filters, cards)._replace(at_least=None)  # one union's are counted
        return _cards_of(user, filters)
    return Listed(cards) if own else None


def _cards_of(user: User, filters: Filters, within: CardQuerySet | None = None) -> Listed:
    """The cards of the members whom the user sees; ``within`` says where they all are, of one union.

    Few members are asked for first, and their cards named: in one statement PostgreSQL cannot tell how few they are, and
    goes through the cards of the whole city from the newest back. Those of many are near.
    """
    members, few = listed_members(user, filters), FEW_NAMESAKES if is_common(filters.name) else FEW
    ids = list(members.order_by().values_list("pk", flat=True)[: few + 1])
    known = list(Card.objects.filter(member__in=ids).order_by().values_list("pk", flat=True))
    if len(ids) <= few:
        return Listed(Card.objects.filter(pk__in=known))
    many = (Card.objects.all() if within is None else within).filter(member__in=members)
    return Listed(many, len(known) if len(known) >= SIZES[-1] else None)
