"""The effects of changed applications or cards: the batch's state, 已办会员卡, the month's figures.

Each is one statement over ids, in the transaction of the change.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.cards.models import Application, Batch, Card, Figure
from gonghui.cards.notifications import settle_batches
from gonghui.cards.states import LIVE, ApplicationState, CardState
from gonghui.kit.bulk import execute
from gonghui.members.models import Member
from gonghui.unions.models import Union

_applications, _batches, _cards, _members, _figures, _unions = (
    model._meta.db_table for model in (Application, Batch, Card, Member, Figure, Union)
)

# A batch has the state of its least advanced application.
_SETTLE = f"""
WITH standing AS (
    SELECT batch_id, CASE
        WHEN bool_or(state = 'pending') THEN 'pending' WHEN bool_or(state = 'approved') THEN 'approved'
        WHEN bool_or(state = 'making') THEN 'making' WHEN bool_or(state = 'failed') THEN 'failed'
        WHEN bool_or(state = 'made') THEN 'made' WHEN bool_or(state IN ('issued', 'done', 'closed')) THEN 'done'
        WHEN bool_or(state = 'refused') THEN 'returned' ELSE 'withdrawn' END AS state
    FROM {_applications} WHERE batch_id = ANY(%(ids)s) GROUP BY batch_id)
UPDATE {_batches} AS batch SET state = standing.state, moved_at = %(now)s
FROM standing WHERE batch.id = standing.batch_id AND batch.state <> standing.state
"""  # noqa: S608 (names of our own tables; so below)

_FOLLOW = f"""
UPDATE {_members} AS member SET has_card = NOT has_card
WHERE id = ANY(%(ids)s) AND has_card <> EXISTS (
    SELECT FROM {_cards} AS card WHERE card.member_id = member.id AND card.state = ANY(%(live)s))
"""  # noqa: S608

_COUNT = f"""
INSERT INTO {_figures} AS figure (superior_id, month, event, count)
SELECT home.level3_id, %(month)s, %(event)s, count(*)
FROM {_applications} AS application
JOIN {_batches} AS batch ON batch.id = application.batch_id JOIN {_unions} AS home ON home.id = batch.union_id
WHERE application.id = ANY(%(ids)s) AND home.level3_id IS NOT NULL
GROUP BY 1 ORDER BY 1
ON CONFLICT (superior_id, month, event) DO UPDATE SET count = figure.count + excluded.count
"""  # noqa: S608


_UNCOUNT = f"""
UPDATE {_figures} AS figure SET count = greatest(figure.count - undone.count, 0)
FROM (
    SELECT home.level3_id, count(*) FROM {_applications} AS application
    JOIN {_batches} AS batch ON batch.id = application.batch_id JOIN {_unions} AS home ON home.id = batch.union_id
    WHERE application.id = ANY(%(ids)s) GROUP BY 1) AS undone
WHERE figure.superior_id = undone.level3_id AND figure.month = %(month)s AND figure.event = %(event)s
"""  # noqa: S608


def set_state(applications: QuerySet[Application], state: str, *, remark: str | None = None) -> None:
    """Puts applications, which the caller has locked, into ``state``."""
    values = {"state": state, "moved_at": timezone.now()}
    applications.update(**values if remark is None else {**values, "remark": remark})


def refresh_batch_states(batches: Iterable[int]) -> None:
    """Sets each batch to the state of its least advanced application; what its officers were asked to do may be done."""
    ids = sorted(set(batches))
    execute(_SETTLE, {"ids": ids, "now": timezone.now()})
    settle_batches(ids)


def refresh_has_card(members: Sequence[int]) -> None:
    """Sets 已办会员卡 of these members: true for those with a card in a LIVE state."""
    execute(_FOLLOW, {"ids": list(members), "live": [str(state) for state in LIVE]})


def count_event(event: str, applications: Sequence[int]) -> None:
    """Adds an event of these applications to the figures of this month, under the present superior."""
    execute(_COUNT, {"ids": list(applications), "event": str(event), "month": localdate().replace(day=1)})


def uncount_event(event: str, applications: Sequence[int], month: date) -> None:
    """Subtracts an event from the figures of ``month``; if the union has moved since, the former superior keeps it."""
    execute(_UNCOUNT, {"ids": list(applications), "event": str(event), "month": month})


def end_cards(ids: Sequence[int], state: str) -> None:
    """Ends cards that are replaced or given back.

    The application of a card that was not handed out ends too, so that its batch does not wait for it.
    """
    Card.objects.filter(pk__in=ids).update(state=state, ended_at=timezone.now())
    unclaimed = Application.objects.filter(card__in=ids, state=ApplicationState.MADE)
    batches = list(unclaimed.values_list("batch", flat=True))
    set_state(unclaimed, ApplicationState.CLOSED, remark=f"没有发放，{CardState(state).label}")
    refresh_batch_states(batches)


def restore_cards(applications: QuerySet[Application]) -> None:
    """Restores cards whose loss report was withdrawn, refused or closed."""
    lost = Card.objects.filter(applications__in=applications, applications__purpose="loss", state="lost")
    for card in lost.select_for_update(of=("self",)).order_by("pk"):
        card.state, card.lost_at = ("issued" if card.issued_at else "made"), None
        card.save(update_fields=["state", "lost_at"])
