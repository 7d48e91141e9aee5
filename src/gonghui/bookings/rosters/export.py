"""「保险名单」: those who have a place, with full numbers, for the insurer (SPEC 6.9). It leaves by `exports`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import QueryDict

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.bookings.models import Place, Programme
from gonghui.bookings.rosters.forms import PeopleFilter
from gonghui.bookings.rosters.queries import counted, whole
from gonghui.bookings.rules import can_manage
from gonghui.bookings.sentences import NOT_MANAGER
from gonghui.bookings.states import PlaceState
from gonghui.codelists.queries import label
from gonghui.exports.kinds import ExportKind, Line, Plan
from gonghui.exports.models import Export
from gonghui.kit.errors import Refused
from gonghui.members.codes import DocumentType, Sex
from gonghui.policies.exports import require_few

verbs.register(roster__insured="导出保险名单（完整证件号码）")
verbs.looks(roster__insured=verbs.EACH)
verbs.facts("roster", purpose="用途")

INSURED = (PlaceState.BOOKED, PlaceState.ATTENDED)
INSURANCE = ("姓名", "性别", "证件类型", "证件号码", "出生日期", "班次", "线路或地点", "工会")


class InsuranceExport(ExportKind):
    """What is asked for: the ``programme``, and the ``query`` of the list's filters."""

    key, label = "insurance", "保险名单"

    def require_right(self, what: Mapping[str, Any], by: User) -> None:
        require(can_manage, by, _programme(what, by), sentence=NOT_MANAGER)

    def plan(self, what: Mapping[str, Any], by: User) -> Plan:
        self.require_right(what, by)
        programme = _programme(what, by)
        filters = PeopleFilter(QueryDict(what["query"]), programme=programme)
        filters.require()
        rows = filters.narrow(Place.objects.filter(session__programme=programme)).filter(state__in=INSURED)
        total = counted(rows)
        require_few(total, programme.publisher, way_out="请按班次分次导出。")

        def lines() -> Iterator[Line]:
            for place in whole(rows):
                yield Line(place.member_id, _insured(place))

        return Plan(
            title=f"{self.label}：{programme}", headings=INSURANCE, total=total, full=True, union=programme.publisher,
            conditions=[("项目", str(programme)), *_searched(filters)], lines=lines,
        )  # fmt: skip

    def fetched(self, export: Export, people: Sequence[int], by: User) -> None:
        record(
            "roster.insured", export, by=by, union=export.union, people=people, count=export.rows,
            purpose=export.purpose,
        )  # fmt: skip


def _programme(what: Mapping[str, Any], by: User) -> Programme:
    programme = Programme.objects.visible_to(by).select_related("publisher").filter(pk=what["programme"]).first()
    if programme is None:
        raise Refused("这个项目已不在您的管辖范围内，没有导出。")
    return programme


def _searched(filters: PeopleFilter) -> Iterator[tuple[str, str]]:
    """Label and words of each active filter."""
    for name, value in filters.cleaned_data.items():
        if value:
            words = PlaceState(value).label if name == "state" else value
            yield str(filters.fields[name].label), str(words)


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
