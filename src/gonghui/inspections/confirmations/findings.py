"""What looks out of date in a union's data: the check list on the officer's page, before the confirmation (SPEC 2.6)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.timezone import localdate

from gonghui.kit import documents
from gonghui.kit.sealing import opened
from gonghui.policies.columns.of_unions import missing_in
from gonghui.unions.models import Union
from gonghui.unions.national import Field
from gonghui.unions.queries import coverage_of
from gonghui.unions.union_details import above_staff

SOON = timedelta(days=30)
EARLIEST_FOUNDING = date(1921, 1, 1)

AMEND, MEMBERS, COVERAGE = "amend", "members", "coverage"
"""Where a finding is corrected: the union's particulars, its members, or its 涵盖单位."""


@dataclass(frozen=True)
class Finding:
    """``level``: ``ok``, ``look`` (look at it again), ``bad`` (out of date). ``mend``: where, or nothing to do; ``field``: at
    which input of the form there.
    """

    level: str
    text: str
    mend: str = ""
    field: str = ""


def findings(union: Union) -> list[Finding]:
    """All of them, what is in order too, so that the officer sees what was checked."""
    checks = [_reelection, _founding, _leader, _phone, _address, _members]
    found = [check(union) for check in checks] + ([_coverage(union)] if union.is_covering else [])
    return found + [_gap(field) for field in missing_in(union)]


def _gap(field: Field) -> Finding:
    return Finding("bad", f"没有填写{field.label}，市总工会要求必填，请补填。", AMEND, field.name)


def _reelection(union: Union) -> Finding:
    day, today = union.reelection_on, localdate()
    if day is None:
        return Finding("bad", "没有换届日期，请补填。", AMEND)
    if day < today:
        return Finding("bad", f"换届日期 {day} 已过。已经换届的，请更新换届日期和工会负责人。", AMEND)
    if day <= today + SOON:
        return Finding("look", f"换届日期 {day} 就要到了，换届之后请及时更新。", AMEND)
    return Finding("ok", f"换届日期 {day}，未到期。")


def _founding(union: Union) -> Finding:
    day = union.founded_on
    if day is None:
        return Finding("bad", "没有建会日期，请补填。", AMEND)
    if not EARLIEST_FOUNDING <= day <= localdate():
        return Finding("bad", f"建会日期 {day} 不合常理，请核对上级的批复。", AMEND)
    if union.reelection_on and union.reelection_on <= day:
        return Finding("bad", f"建会日期 {day} 晚于换届日期 {union.reelection_on}，其中一项有误。", AMEND)
    return Finding("ok", f"建会日期 {day}。")


def _leader(union: Union) -> Finding:
    if not union.leader:
        return Finding("bad", "没有工会负责人，请填写现任主席。", AMEND)
    return Finding("ok", f"工会负责人 {union.leader}，请确认仍然在任。")


def _phone(union: Union) -> Finding:
    phone = opened(union, "phone_sealed")
    if not phone:
        return Finding("bad", "没有联系电话，请补填。", AMEND)
    try:
        documents.check_phone(phone)
    except documents.Invalid:
        return Finding("bad", "联系电话不是正确的手机号码或固定电话，请更正。", AMEND)
    return Finding("ok", "联系电话的格式正确。")


def _address(union: Union) -> Finding:
    if not union.employer.address:
        return Finding("bad", "没有单位地址，请补填。", AMEND)
    return Finding("ok", f"单位地址 {union.employer.address}。")


def _members(union: Union) -> Finding:
    staff, members = union.staff_count, union.working_count
    if not union.member_count:
        return Finding("look", "还没有登记会员，请先录入或导入会员。", MEMBERS)
    if not staff:
        return Finding("bad", "没有职工人数，请补填。", AMEND)
    if warning := above_staff(members, staff):
        return Finding("look", f"{warning}。请更新职工人数，或办理离职会员的转出。", AMEND)
    if members * 2 < staff:
        return Finding("look", f"会员 {members} 人，不到职工人数 {staff} 人的一半。请核对两者是否都是最新的。", MEMBERS)
    return Finding("ok", f"会员 {members} 人，职工 {staff} 人。")


def _coverage(union: Union) -> Finding:
    coverage, staff = coverage_of(union), union.staff_count
    if not coverage.employers:
        return Finding("look", "还没有登记涵盖单位，请登记本工会所涵盖的单位。", COVERAGE)
    if staff and coverage.staff > staff:
        return Finding("look", f"涵盖单位 {coverage}，多于职工人数 {staff} 人。请核对两者是否都是最新的。", COVERAGE)
    return Finding("ok", f"涵盖单位 {coverage}，请确认名单仍然准确。", COVERAGE)
