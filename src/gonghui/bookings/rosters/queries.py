"""The people of a roster, as they leave the platform."""

from collections.abc import Iterable

from django.db.models import QuerySet

from gonghui.bookings.models import Place
from gonghui.kit.errors import Refused

MAX_ROSTER = 20_000


def counted(rows: QuerySet[Place]) -> int:
    """Returns how many there are. Raises Refused for none and for too many."""
    total = rows.order_by()[: MAX_ROSTER + 1].count()
    if not total:
        raise Refused("没有可以导出的人员，请换一个查询条件。")
    if total > MAX_ROSTER:
        raise Refused(f"一次最多导出 {MAX_ROSTER} 人，请按班次分次导出。")
    return total


def whole(rows: QuerySet[Place]) -> Iterable[Place]:
    """The people by session and bus, with all that columns say of them; streamed."""
    people = rows.select_related("session__venue", "union", "member", "package", "booking", "guest_of__member")
    return people.order_by("session__begins_on", "session_id", "bus", "union_id", "booking_id", "order").iterator(2000)
