"""Writes of the confirmations: confirmed, opened again, exported (SPEC 2.6, 3.9)."""

import json
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.imports.queries import is_running
from gonghui.inspections.guards import minute, stated_reason
from gonghui.inspections.members import check
from gonghui.inspections.members.export import MEMBER_HEADINGS, member_line
from gonghui.inspections.models import Confirmation, CoveredList, Subject, Window
from gonghui.inspections.queries import due, hold, home_of, standing, task_kind, task_of
from gonghui.inspections.rules import can_confirm, can_reopen
from gonghui.kit import crypto, excel
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.notices.actions import notify_officers, settle
from gonghui.policies.columns.of_unions import collected
from gonghui.reviews.queries import open_review
from gonghui.unions import union_details
from gonghui.unions.models import Union, UnionState
from gonghui.unions.queries import coverage_of, covered_lines

verbs.register(
    inspection__confirmed="完成年检信息更新",
    inspection__reopened="重新打开年检",
    inspection__members_exported="导出年检会员名单",
)
verbs.looks(inspection__members_exported=verbs.EACH)


def confirm_inspection(union: Union, *, window: Window, version: str, by: User) -> Confirmation:
    """「已完成年检信息更新」, 「已完成更新」: record who, when, and a copy of the data as the officer saw it.

    ``version`` is ``version_of`` the union, or of its members, when the page was shown. Raises Refused when ``by`` may not, the union is
    not approved or not in the window's scope, the window is not open, a review is open, it is confirmed already, or
    the data changed since.
    """
    with transaction.atomic():
        union = (
            Union.objects.select_for_update(of=("self",))
            .select_related("superior__superior", "employer")
            .get(pk=union.pk)
        )
        window = hold(window)
        require(can_confirm, by, union, sentence="只有本工会的经办人可以确认年检。")
        if union.state != UnionState.APPROVED:
            raise Refused(f"本工会的状态是「{union.get_state_display()}」，不能确认年检。")
        _require_confirmable(window, union)
        if window.subject == Subject.MEMBERS:
            confirmation = _confirm_members(union, window, version, by)
        else:
            confirmation = _confirm_particulars(union, window, version, by)
        settle([task_of(window, union.pk)])
        record("inspection.confirmed", confirmation, by=by, union=union, window=str(window))
    return confirmation


def _confirm_particulars(union: Union, window: Window, version: str, by: User) -> Confirmation:
    if version != version_of(union):
        raise Refused("您打开页面之后，工会资料有了变化，所以没有确认。请重新核对下面的资料后再确认。")
    confirmation = Confirmation.objects.create(window=window, union=union, data=snapshot(union), confirmed_by=by)
    if union.is_covering:
        CoveredList.objects.create(confirmation=confirmation, employers=covered_lines(union))
    return confirmation


def _confirm_members(union: Union, window: Window, version: str, by: User) -> Confirmation:
    if is_running(union):
        raise Refused("本工会有一个导入正在处理中，请等它完成、核对以后再确认。")
    if not union.member_count:
        raise Refused("本工会还没有登记会员，没有可以确认的内容。请先录入或导入会员，再完成会员年检。")
    if version != check.version_of_members(union):
        raise Refused("您打开页面之后，会员有了变化，所以没有确认。请重新核对后再确认。")
    data = check.figures(union)
    confirmation = Confirmation.objects.create(window=window, union=union, data=data, confirmed_by=by)
    check.keep_list(confirmation)
    return confirmation


def _require_confirmable(window: Window, union: Union) -> None:
    if not window.is_open:
        raise Refused(_not_open(window))
    if not due(window, union).exists():
        raise Refused(f"本工会不在{window}的范围内，无需确认。")
    if earlier := standing(window, union):
        raise Refused(f"已由 {earlier.confirmed_by} 于 {minute(earlier.confirmed_at)} 完成，无需重复确认。")
    if window.subject == Subject.ORGANISATIONS and (review := open_review(union)):
        raise Refused(f"「{review.title}」有一项申请正在审核。请等待审核结果，或先撤回申请，然后再确认年检。")


def _not_open(window: Window) -> str:
    if window.closed_at:
        return f"{window}已由市总工会提前结束，不能再确认。如有疑问，请联系上级工会。"
    if window.is_over:
        return f"{window}已于 {window.deadline} 截止，不能再确认。如需补办，请联系上级工会。"
    return f"{window}从 {window.begins_on} 开始，请届时再确认。"


def export_confirmed_members(confirmation: Confirmation, path: Path, *, by: User) -> int:
    """Write the members as they were confirmed to a workbook at ``path``; returns how many, which is recorded."""
    lines = check.opened_list(confirmation.member_list)
    with transaction.atomic():
        excel.export(path, MEMBER_HEADINGS, (member_line(line) for line in lines), title="会员名单")
        numbers = [number for number, *_ in lines]
        people = list(Member.objects.filter(number__in=numbers).values_list("pk", flat=True))
        record(
            "inspection.members_exported", confirmation, by=by, union=confirmation.union, people=people, count=len(lines)
        )  # fmt: skip
    return len(lines)


def snapshot(union: Union) -> dict[str, object]:
    """The union's data as it is, packed: what a confirmation keeps, beside the list of 涵盖单位. The phone stays sealed."""
    coverage = {"coverage": str(coverage_of(union))} if union.is_covering else {}
    return (
        union_details.current(union, collected().names)
        | coverage
        | {
            "number": union.number,
            "superior_path": union_details.superior_path(union.superior),
            "member_count": union.member_count,
        }
    )


def version_of(union: Union) -> str:
    """What the officer's page carries to detect a change of the particulars or the 涵盖单位 since: a keyed hash of them."""
    values = [union_details.unpack(union_details.current(union), union), covered_lines(union)]
    return crypto.fingerprint(json.dumps(values, sort_keys=True)).hex()[:32]


def reopen_confirmation(confirmation: Confirmation, *, reason: str, by: User) -> Confirmation:
    """Let a union confirm again; the earlier confirmation stays as history, and its officers are notified.

    Raises Refused when ``by`` may not, there is no reason, it was re-opened already, or the window is over.
    """
    reason = stated_reason(reason)
    with transaction.atomic():
        union = Union.objects.select_for_update().get(pk=confirmation.union_id)
        confirmation = Confirmation.objects.select_related("window", "union", "reopened_by").get(pk=confirmation.pk)
        require(can_reopen, by, confirmation, sentence="只有该工会直属上级的管理员和市总工会的管理员可以重新打开年检。")
        if confirmation.reopened_at:
            raise Refused(
                f"已由 {confirmation.reopened_by} 于 {minute(confirmation.reopened_at)} 重新打开，无需重复操作。"
            )
        window = hold(confirmation.window)
        if not window.is_open:
            raise Refused(f"{window}{window.state.label}，不能重新打开：工会已无法再确认。")
        confirmation.reopened_at, confirmation.reopened_by, confirmation.reopened_for = timezone.now(), by, reason
        confirmation.save(update_fields=["reopened_at", "reopened_by", "reopened_for"])
        record("inspection.reopened", confirmation, by=by, union=union, reason=reason)
        title = f"{window}被重新打开，请核对后再次确认"
        message = f"{by.union}：{reason}"
        tasks = [task_of(window, union.pk)]
        notify_officers(
            [union.pk], title, body=message, url=home_of(window), tasks=tasks, kind=task_kind(window.subject)
        )
    return confirmation
