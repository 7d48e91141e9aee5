"""Rosters leave the platform, people sign in, buses are given (SPEC 6.9): each export and each look is recorded."""

from collections.abc import Collection, Sequence
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.timezone import localtime

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.bookings.models import Place, Programme
from gonghui.bookings.places.people import member_ids
from gonghui.bookings.rosters.columns import COLUMNS
from gonghui.bookings.rosters.queries import counted, whole
from gonghui.bookings.rules import can_manage, can_mark
from gonghui.bookings.sentences import NOT_MANAGER, limited
from gonghui.bookings.states import PlaceState
from gonghui.kit import excel
from gonghui.kit.errors import Refused

verbs.register(
    roster__looked_at="查看预约名单",
    roster__exported="导出预约名单",
    roster__bused="安排车次",
    booking__signed_in="签到",
)
verbs.looks(roster__looked_at=verbs.EACH, roster__exported=verbs.EACH)
verbs.facts("roster", columns="列", bus="车次")


def look_at(programme: Programme, places: Sequence[Place], *, by: User) -> None:
    """Records that somebody has looked at these people of other unions."""
    with transaction.atomic():
        record(
            "roster.looked_at",
            programme,
            by=by,
            union=programme.publisher,
            people=member_ids(places),
            count=len(places),
        )


def export_roster(
    programme: Programme, rows: QuerySet[Place], path: Path, *, columns: Sequence[str], blanks: Sequence[str], by: User
) -> int:
    """Writes people, numbers masked, with the chosen columns and empty ones; returns how many.

    Raises Refused: ``by`` may not, nobody is in it, or too many.
    """
    require(can_manage, by, programme, sentence=NOT_MANAGER)
    chosen = [COLUMNS[name] for name in COLUMNS if name in columns]
    headings = [*(column.label for column in chosen), *blanks]
    counted(rows)
    lines = ([*(column.text(place) for column in chosen), *("" for _ in blanks)] for place in whole(rows))
    with transaction.atomic():
        count = excel.export(path, headings, lines, title=programme.title)
        record(
            "roster.exported", programme, by=by, union=programme.publisher, people=_members(rows), count=count,
            columns=headings,
        )  # fmt: skip
    return count


def _members(rows: QuerySet[Place]) -> list[int]:
    return list(rows.order_by().filter(member__isnull=False).values_list("member", flat=True))


def set_bus(programme: Programme, ids: Collection[int], bus: str, *, by: User) -> int:
    """Puts people on a bus; an empty name takes them off. Raises Refused: ``by`` may not, nobody is ticked."""
    bus = limited(bus, what="车次", field="bus", most=20)
    with transaction.atomic():
        require(can_manage, by, programme, sentence=NOT_MANAGER)
        rows = Place.objects.filter(programme=programme, pk__in=ids).holding()
        if not (count := rows.update(bus=bus)):
            raise Refused("请先勾选已约上的人员。")
        record("roster.bused", programme, by=by, union=programme.publisher, bus=bus, count=count)
    return count


def sign_in(place: Place, *, by: User) -> Place:
    """Somebody is there. Raises Refused: ``by`` may not, signed in before, or without a place."""
    with transaction.atomic():
        place = (
            Place.objects.select_for_update(of=("self",))
            .select_related("session__programme__publisher")
            .get(pk=place.pk)
        )
        require(can_mark, by, place.session, sentence=NOT_MANAGER)
        if place.signed_in_at:
            raise Refused(f"{place}已于 {localtime(place.signed_in_at):%m-%d %H:%M} 签到，无需再签。")
        if place.state not in (PlaceState.BOOKED, PlaceState.ATTENDED):
            raise Refused(f"{place}的状态是「{place.get_state_display()}」，没有名额，不能签到。")
        place.signed_in_at = timezone.now()
        place.save(update_fields=["signed_in_at"])
        record("booking.signed_in", place, by=by, union=place.union)
        return place
