"""Rosters leave the platform, people sign in, buses are given (SPEC 6.9): each export and each look is recorded."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

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
from gonghui.bookings.rules import can_manage, can_mark
from gonghui.bookings.sentences import NOT_MANAGER, limited, stated_reason
from gonghui.bookings.states import PlaceState
from gonghui.codelists.queries import label
from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.members.codes import DocumentType, Sex
from gonghui.policies.exports import require_few

verbs.register(
    roster__looked_at="查看预约名单",
    roster__exported="导出预约名单",
    roster__insured="导出保险名单（完整证件号码）",
    roster__bused="安排车次",
    booking__signed_in="签到",
)
verbs.looks(roster__looked_at=verbs.EACH, roster__exported=verbs.EACH, roster__insured=verbs.EACH)
verbs.facts("roster", columns="列", bus="车次", purpose="用途")

MAX_ROSTER = 20_000
INSURED = (PlaceState.BOOKED, PlaceState.ATTENDED)
INSURANCE = ("姓名", "性别", "证件类型", "证件号码", "出生日期", "班次", "线路或地点", "工会")


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
    lines = ([*(column.text(place) for column in chosen), *("" for _ in blanks)] for place in _whole(rows))
    with transaction.atomic():
        count = _export(rows, path, headings, lines, title=programme.title)
        record(
            "roster.exported", programme, by=by, union=programme.publisher, people=_members(rows), count=count,
            columns=headings,
        )  # fmt: skip
    return count


def export_insurance(programme: Programme, rows: QuerySet[Place], path: Path, *, reason: str, by: User) -> int:
    """Writes those who have a place, with full numbers, for the insurer. Raises Refused as `export_roster`, past the full
    numbers that the city allows, and without a reason, which is recorded."""
    reason = stated_reason(reason, what="用途")
    require(can_manage, by, programme, sentence=NOT_MANAGER)
    rows = rows.filter(state__in=INSURED)
    require_few(rows.order_by()[: MAX_ROSTER + 1].count(), programme.publisher, way_out="请按班次分次导出。")
    lines = (_insured(place) for place in _whole(rows))
    with transaction.atomic():
        count = _export(rows, path, INSURANCE, lines, title="保险名单")
        record(
            "roster.insured", programme, by=by, union=programme.publisher, people=_members(rows), count=count,
            purpose=reason,
        )  # fmt: skip
    return count


def _export(rows: QuerySet[Place], path: Path, headings: Sequence[str], lines: Iterable[Any], *, title: str) -> int:
    total = rows.order_by()[: MAX_ROSTER + 1].count()
    if not total:
        raise Refused("没有可以导出的人员，请换一个查询条件。")
    if total > MAX_ROSTER:
        raise Refused(f"一次最多导出 {MAX_ROSTER} 人，请按班次分次导出。")
    return excel.export(path, headings, lines, title=title)


def _members(rows: QuerySet[Place]) -> list[int]:
    return list(rows.order_by().filter(member__isnull=False).values_list("member", flat=True))


def _whole(rows: QuerySet[Place]) -> Iterable[Place]:
    """The people by session and bus, with all that columns say of them; streamed."""
    whole = rows.select_related("session__venue", "union", "member", "package", "booking", "guest_of__member")
    return whole.order_by("session__begins_on", "session_id", "bus", "union_id", "booking_id", "order").iterator(2000)


def _insured(place: Place) -> list[str]:
    member = place.member
    return [
        member.name if member else place.guest_name,
        label(Sex, member.sex) if member else "",
        label(DocumentType, member.document_type if member else place.document_type),
        place.document_number,
        f"{member.born_on:%Y-%m-%d}" if member and member.born_on else "",
        place.session.when,
        place.session.venue.name,
        place.union.name,
    ]


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
