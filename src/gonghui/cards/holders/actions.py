"""「已发放」: the union hands the cards out, and may take a slip of the pen back (SPEC 4.4)."""

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

verbs.register(card__issued="登记会员卡已发放", card__issue_undone="撤销会员卡发放登记")
verbs.facts("card", applications="")


def issue_cards(batch: Batch, ids: Sequence[int] | None, *, by: User) -> int:
    """「登记已发放」 for the chosen members (None: all whose card is made). Returns how many.

    Whose card was reported lost meanwhile is passed over. Raises Refused: ``by`` may not, or none of them has a card to be
    handed out.
    """
    with transaction.atomic():
        batch, found = _taken(batch, ids, ApplicationState.MADE, by)
        cards = Card.objects.filter(pk__in=[one.card_id for one in found], state=CardState.MADE)
        here = set(cards.values_list("pk", flat=True))
        found = [one for one in found if one.card_id in here]
        if not found:
            raise Refused("这些会员的卡已经挂失，不能登记发放。请为他们补办或注销。")
        Card.objects.filter(pk__in=here).update(state=CardState.ISSUED, issued_at=timezone.now(), issued_by=by)
        _moved(batch, found, ApplicationState.ISSUED)
        card_states.count_event(Event.ISSUED, [one.pk for one in found])
        record("card.issued", batch, by=by, union=batch.union, count=len(found), applications=[one.pk for one in found])
    return len(found)


def undo_issue(batch: Batch, ids: Sequence[int], *, by: User) -> int:
    """「撤销发放登记」, within UNDO_DAYS and while the card is as it was handed out. Returns how many.

    Raises Refused: ``by`` may not, or none of them can be undone.
    """
    with transaction.atomic():
        batch, found = _taken(batch, ids, ApplicationState.ISSUED, by)
        cards = Card.objects.filter(pk__in=[one.card_id for one in found], state=CardState.ISSUED)
        months = {card.pk: localdate(card.issued_at).replace(day=1) for card in cards if card.issued_at}
        undone = [one for one in found if one.undo_until and one.undo_until >= localdate() and one.card_id in months]
        if not undone:
            raise Refused(
                f"发放登记只能在 {UNDO_DAYS} 天以内、卡没有其他变化时撤销。卡丢失或作废的，请办理挂失或注销。"
            )
        by_month: dict[date, list[int]] = defaultdict(list)
        for one in undone:
            by_month[months[one.card_id or 0]].append(one.pk)
        for month, members in by_month.items():
            card_states.uncount_event(Event.ISSUED, members, month)
        Card.objects.filter(pk__in=[one.card_id for one in undone]).update(
            state=CardState.MADE, issued_at=None, issued_by=None
        )
        _moved(batch, undone, ApplicationState.MADE)
        record("card.issue_undone", batch, by=by, union=batch.union, count=len(undone))
    return len(undone)


def _taken(batch: Batch, ids: Sequence[int] | None, state: str, by: User) -> tuple[Batch, list[Application]]:
    batch = lock_own_batch(batch.pk, by)
    found = chosen(batch, ids, (state,))
    list(Card.objects.filter(pk__in=[one.card_id for one in found]).select_for_update().order_by("pk"))
    return batch, found


def _moved(batch: Batch, applications: Sequence[Application], state: str) -> None:
    card_states.set_state(Application.objects.filter(pk__in=[application.pk for application in applications]), state)
    card_states.refresh_batch_states([batch.pk])
