"""The exported list of members (SPEC 3.1 「导出」): its columns, who may have it, and what leaves by `exports`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.exports.kinds import ExportKind, Line, Plan
from gonghui.exports.models import Export
from gonghui.kit.errors import Refused
from gonghui.members.collected import collected
from gonghui.members.field import Field
from gonghui.members.fields import in_order
from gonghui.members.models import Member, MemberQuerySet
from gonghui.members.queries import Filters, listed_members, ticked_members
from gonghui.members.register.forms import MemberFilter, conditions
from gonghui.members.rules import can_export_members, can_export_sensitive, can_reveal_members
from gonghui.policies.exports import require_few
from gonghui.unions.models import Union

verbs.register(member__exported="导出会员")
verbs.looks(member__exported=verbs.EACH)
verbs.facts("member", purpose="用途", full="完整号码", sensitive="含民族、政治面貌等")

MAX_EXPORT = 100_000

STANDING = ("会籍", "保留原因", "会籍变动日期")


def export_fields(fields: Sequence[Field], *, sensitive: bool) -> list[Field]:
    """Returns the fields of an export; without ``sensitive`` only those that a list may show masked."""
    return [field for field in in_order(fields, "name", "position", "sex") if sensitive or not field.sensitive]


def headings(fields: Sequence[Field]) -> list[str]:
    """Returns the headings for `export_row`."""
    labels = [field.label for field in fields]
    return ["会员编号", *labels, "已办会员卡", "用户状态", *STANDING, "信息修改状态", "工会编号", "工会名称"]


def export_row(member: Member, fields: Sequence[Field], *, full: bool) -> list[str]:
    """The texts under `headings`; number, address and mobile masked unless ``full``."""
    return [
        member.number,
        *(field.text(field.value_in(member), full=full or field.sensitive) for field in fields),
        "是" if member.has_card else "否",
        member.get_status_display(),
        member.get_standing_display(),
        member.get_retained_for_display(),
        f"{member.standing_on:%Y-%m-%d}" if member.standing_on else "",
        member.get_correction_display(),
        (member.union.number or "") if member.union else "",
        member.union.name if member.union else "",
    ]


def require_right(by: User, *, full: bool, sensitive: bool) -> None:
    """Raises Refused when ``by`` may not have such a list."""
    if sensitive and not can_export_sensitive(by):
        raise Refused("民族、政治面貌、籍贯和户籍所在地只能由本工会的经办人或上级工会的管理员导出。")
    if not can_export_members(by) or (full and not can_reveal_members(by)):
        raise Refused("您的角色只能导出遮盖号码后的名单。如需完整号码，请联系本工会的管理员。")


def counted(rows: MemberQuerySet) -> int:
    """Returns how many there are. Raises Refused for none and for too many."""
    total = rows.order_by()[: MAX_EXPORT + 1].count()
    if not total:
        raise Refused("没有可以导出的会员，请换一个查询条件。")
    if total > MAX_EXPORT:
        raise Refused(f"一次最多导出 {MAX_EXPORT} 名会员，请先用查询条件缩小范围，再分次导出。")
    return total


class MembersExport(ExportKind):
    """What is asked for: ``q`` (`Filters.token`) and ``union``, or the ``ticked`` ids; ``full``, ``sensitive``."""

    key, label = "members", "会员名单"

    def require_right(self, what: Mapping[str, Any], by: User) -> None:
        require_right(by, full=bool(what["full"]), sensitive=bool(what["sensitive"]))

    def plan(self, what: Mapping[str, Any], by: User) -> Plan:
        self.require_right(what, by)
        full, sensitive = bool(what["full"]), bool(what["sensitive"])
        assert by.union is not None  # noqa: S101 (the right)
        rows, told = _chosen(what, by)
        total = counted(rows)
        if full:
            require_few(total, by.union, way_out="请用查询条件缩小范围，分次导出，或选择遮盖号码的名单。")
        fields = export_fields(collected().fields, sensitive=sensitive)

        def lines() -> Iterator[Line]:
            for member in rows.order_by("union_id", "id").select_related("union").iterator(chunk_size=2000):
                yield Line(member.pk, export_row(member, fields, full=full))

        return Plan(
            title=self.label, headings=headings(fields), total=total, full=full or sensitive, union=by.union,
            conditions=told, lines=lines,
        )  # fmt: skip

    def fetched(self, export: Export, people: Sequence[int], by: User) -> None:
        what = export.told["what"]
        why: dict[str, Any] = {"purpose": export.purpose} if export.purpose else {}
        if what["sensitive"]:
            why["sensitive"] = True
        record_exported(people, export, by=by, count=export.rows, full=bool(what["full"]), **why)


def record_exported(people: Sequence[int], export: Export | None = None, *, by: User, **data: Any) -> None:
    """Records whom a list shows that has left, in the transaction that hands it out."""
    record("member.exported", export, by=by, union=by.union, people=people, **data)


def _chosen(what: Mapping[str, Any], by: User) -> tuple[MemberQuerySet, list[tuple[str, str]]]:
    """The members, and in words how they were chosen."""
    if what["ticked"]:
        return ticked_members(by, what["ticked"]), [("范围", "勾选的会员")]
    filters = Filters.read(what["q"], by)
    filters.require()
    only = Union.objects.visible_to(by).grassroots().filter(pk=what["union"]).first() if what["union"] else None
    if what["union"] and only is None:
        raise Refused("这家工会已不在您的管辖范围内，没有导出。")
    searched = conditions(filters, MemberFilter(initial=asdict(filters), user=by)).values()
    scope = [("工会", only.name)] if only else []
    return listed_members(by, filters, only), [*scope, *searched] or [("范围", "全部会员")]
