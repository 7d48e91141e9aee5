"""「已发放」: the union hands out the cards, and may undo a mistake (SPEC 4.4)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.cards import card_states
from gonghui.cards.applications.actions import chosen, lock_own_batch
from gonghui.cards.models import UNDO_DAYS, Application, Batch, Card
from gonghui.cards.states import ApplicationState, CardState, Event
from gonghui.kit.errors import Refused
from gonghui.unions.models import Union

verbs.register(card__issued="登记会员卡已发放", card__issue_undone="撤销会员卡发放登记")
verbs.facts("card", applications="")


def issue_cards(batch: Batch, ids: Sequence[int] | None, *, by: User) -> int:
    """「登记已发放」 for the chosen members (None: all whose card is made). Returns the number of members.

    Ignores members whose card was reported lost meanwhile. Raises Refused: ``by`` may not, or no card can be handed
    out.
    """
    with transaction.atomic():
        batch, applications, cards = _lock_applications(batch, ids, ApplicationState.MADE, CardState.MADE, by)
        if not applications:
            raise Refused("这些会员的卡已经挂失，不能登记发放。请为他们补办或注销。")
        Card.objects.filter(pk__in=cards).update(state=CardState.ISSUED, issued_at=timezone.now(), issued_by=by)
        issued = [application.pk for application in applications]
        _set_state(batch, issued, ApplicationState.ISSUED)
        card_states.count_event(Event.ISSUED, issued)
        record("card.issued", batch, by=by, union=batch.union, count=len(issued), applications=issued)
    return len(issued)


def undo_issue(batch: Batch, ids: Sequence[int], *, by: User) -> int:
    """「撤销发放登记」, within UNDO_DAYS and while the card has not changed since. Returns the number of members.

    Raises Refused: ``by`` may not, or none of them can be undone.
    """
    with transaction.atomic():
        batch, applications, cards = _lock_applications(batch, ids, ApplicationState.ISSUED, CardState.ISSUED, by)
        by_month: dict[date, list[int]] = defaultdict(list)
        card_ids: dict[int, int] = {}  # the card, by application
        for application in applications:
            card = cards[application.card_id or 0]
            if card.issued_at and application.undo_until and application.undo_until >= localdate():
                by_month[localdate(card.issued_at).replace(day=1)].append(application.pk)
                card_ids[application.pk] = card.pk
        if not card_ids:
            raise Refused(
                f"发放登记只能在 {UNDO_DAYS} 天以内、卡没有其他变化时撤销。卡丢失或作废的，请办理挂失或注销。"
            )
        for month, ids_of_month in by_month.items():
            card_states.uncount_event(Event.ISSUED, ids_of_month, month)
        issued = Card.objects.filter(pk__in=card_ids.values())
        issued.update(state=CardState.MADE, issued_at=None, issued_by=None)
        _set_state(batch, list(card_ids), ApplicationState.MADE)
        record("card.issue_undone", batch, by=by, union=batch.union, count=len(card_ids))
    return len(card_ids)


def _lock_applications(
    batch: Batch, ids: Sequence[int] | None, state: str, card_state: str, by: User
) -> tuple[Batch, list[Application], dict[int, Card]]:
    """Locks batch, applications and cards. Returns the applications with a card in ``card_state``, and these cards."""
    batch = lock_own_batch(batch.pk, by)
    applications = chosen(batch, ids, (state,))
    cards = Card.objects.filter(pk__in=[application.card_id for application in applications])
    locked = cards.select_for_update().order_by("pk")
    matching = {card.pk: card for card in locked if card.state == card_state}
    return batch, [application for application in applications if application.card_id in matching], matching


def _set_state(batch: Batch, applications: Sequence[int], state: str) -> None:
    card_states.set_state(Application.objects.filter(pk__in=applications), state)
    card_states.refresh_batch_states([batch.pk])


# Hooks of other apps


def follow_members(ids: Sequence[int], to: Union | None, reason: str) -> None:
    """The cards of members who have moved are listed by the union that they are in now."""
    Card.objects.filter(member__in=ids).update(union=to)
