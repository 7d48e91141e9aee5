"""Automatic checks that several kinds of request share (SPEC 5.1). Each returns one finding for the reviewer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Sum
from django.utils.timezone import localdate

from gonghui.kit import documents
from gonghui.kit.names import unit_key
from gonghui.reviews.kinds import Check
from gonghui.reviews.models import Review, ReviewState
from gonghui.unions import union_details
from gonghui.unions.codes import COVERING
from gonghui.unions.findings import RegisterFinding
from gonghui.unions.keys import key_of_name, subject_code
from gonghui.unions.models import CoveredEmployer, Employer, RegisteredEmployer, Union, UnionState


def check_code(code: str) -> Check:
    try:
        documents.check_unit_code(code)
    except documents.Invalid as problem:
        return Check("bad", f"代码校验未通过：{problem}")
    standard = "统一社会信用代码（GB 32100）" if len(code) == 18 else "组织机构代码（GB 11714）"
    return Check("ok", f"{standard}校验位正确")


@dataclass(frozen=True)
class KnownEmployers:
    """The employers of several filings in the register and on the platform, loaded by four statements.

    The keys of names are `kit.names.unit_key`, because a licence and the register use different brackets.
    """

    by_code: dict[str, RegisteredEmployer]
    by_name: dict[str, RegisteredEmployer]
    here: dict[str, list[tuple[int, str, str]]]  # employer's name: its unions on the platform (id, name, state)
    covered: dict[str, Union]  # the shared part of a unit's two codes (`subject_code`): the union that covers it


def known_employers(reviews: Sequence[Review]) -> KnownEmployers:
    """Loads the employers of all ``reviews`` at once."""
    codes = {review.proposed["code"] for review in reviews}
    names = {unit_key(review.proposed["employer_name"]) for review in reviews}
    registered = RegisteredEmployer.objects.alias(key=key_of_name()).order_by("-pk")
    here: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    employers = Employer.objects.alias(key=key_of_name())
    named = employers.filter(key__in=names).exclude(union__state=UnionState.UNFILED).order_by("pk")
    for name, union, union_name, state in named.values_list("name", "union_id", "union__name", "union__state"):
        here[unit_key(name)].append((union, union_name, state))
    covered = CoveredEmployer.objects.standing().of_subjects(codes).select_related("union")
    return KnownEmployers(
        by_code={entry.code: entry for entry in registered.filter(code__in=codes)},
        by_name={unit_key(entry.name): entry for entry in registered.filter(key__in=names)},
        here=here,
        covered={subject_code(row.code): row.union for row in covered},
    )


def check_register(values: dict[str, Any], about: KnownEmployers) -> Check:
    employer = about.by_code.get(values["code"])
    if employer is None:
        same_name = about.by_name.get(unit_key(values["employer_name"]))
        if same_name:
            return Check("bad", f"大统计库中「{same_name.name}」的代码是 {same_name.code}，与填报不符")
        return Check("look", "大统计库中没有这个代码，也没有同名单位，请核对证照")
    if unit_key(employer.name) != unit_key(values["employer_name"]):
        return Check("bad", f"大统计库中这个代码属于「{employer.name}」，与填报的单位名称不符")
    return Check("ok", "单位名称、代码与大统计库一致")


def check_covered(values: dict[str, Any], about: KnownEmployers) -> list[Check]:
    """That a joint union covers the employer: named to who decides only if it is below the same superior."""
    union = about.covered.get(subject_code(values["code"]))
    if union is None:
        return []
    name = f"「{union.name}」" if union.superior_id == values["superior"] else "辖区以外的一家工会"
    text = f"这家单位现在由{name}涵盖。请核实单位是否单独建会；审核通过后，不再由该工会涵盖，并通知其经办人"
    return [Check("look", text)]


@dataclass(frozen=True)
class CoverageFigures:
    """What a union's list of 涵盖单位 holds, beside the statistical register."""

    employers: int
    staff: int
    findings: dict[str, int]  # by RegisterFinding


def coverage_figures(reviews: Sequence[Review]) -> dict[int, CoverageFigures]:
    """By review, of those whose union covers employers; one statement for all, in which each code is looked up."""
    rows = CoveredEmployer.objects.standing().filter(union__in={review.union_id for review in reviews}).compared()
    counted = rows.values("union", "finding").annotate(employers=Count("pk"), people=Sum("staff_count")).order_by()
    lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in counted:
        lines[row["union"]].append(row)
    by_union = {
        union: CoverageFigures(
            employers=sum(row["employers"] for row in of_union),
            staff=sum(row["people"] for row in of_union),
            findings=dict.fromkeys(RegisterFinding.values, 0) | {row["finding"]: row["employers"] for row in of_union},
        )
        for union, of_union in lines.items()
    }
    return {review.pk: by_union[review.union_id] for review in reviews if review.union_id in by_union}


def check_coverage(values: dict[str, Any], figures: CoverageFigures | None) -> list[Check]:
    """The register check of a joint union: each code on its list is looked up in the statistical register."""
    if figures is None:
        none = Check("look", "还没有登记涵盖单位，请提醒经办人在“涵盖单位”中登记")
        return [none] if values["grassroots_type"] in COVERING else []
    found = figures.findings
    doubts = [
        f"{RegisterFinding(key).label} {found[key]} 家"
        for key in (RegisterFinding.MISSING, RegisterFinding.RENAMED, RegisterFinding.STAFF)
        if found[key]
    ]
    unsure = found[RegisterFinding.MISSING] or found[RegisterFinding.RENAMED]
    told = f"涵盖单位 {figures.employers} 家，职工 {figures.staff} 人；与大统计库一致 {found[RegisterFinding.SAME]} 家"
    lines = [Check("look" if unsure else "ok", "，".join([told, *doubts]))]
    staff = values["staff_count"]
    if staff and figures.staff > staff:
        lines.append(Check("look", f"涵盖单位职工合计 {figures.staff} 人，多于职工人数 {staff} 人，请核实"))
    return lines


def check_duplicates(review: Review, about: KnownEmployers) -> Check:
    """Reports an existing union of the same employer; for a dissolved one, suggests to restore it instead."""
    namesakes = [
        union for union in about.here.get(unit_key(review.proposed["employer_name"]), ()) if union[0] != review.union_id
    ]
    living = [name for _, name, state in namesakes if state != UnionState.DISSOLVED][:3]
    if living:
        return Check("bad", f"平台上已有同名单位：{'、'.join(living)}")
    if namesakes:
        return Check("look", "同名单位的工会已经撤销，请确认是重新建会，而不是应当恢复原来的工会")
    return Check("ok", "平台上没有同名单位")


def check_dates(values: dict[str, Any]) -> Check:
    if date.fromisoformat(values["reelection_on"]) < localdate():
        return Check("look", f"换届日期 {values['reelection_on']} 已过，请确认是否已按期换届")
    return Check("ok", "建会日期、换届日期合理")


def check_staff(values: dict[str, Any]) -> Check:
    if values["grassroots_type"] == "single" and values["staff_count"] < 25:
        return Check(
            "look", f"职工 {values['staff_count']} 人，会员不足 25 人的也可以联合建会（《工会法》第十一条），请核实类型"
        )
    return Check("ok", f"职工人数 {values['staff_count']} 人")


def check_members(values: dict[str, Any], members: int) -> Check:
    """Compares the declared number of members with the registered one."""
    if finding := union_details.above_staff(members, values["staff_count"]):
        return Check("look", f"平台上有{finding}，请核实")
    return Check("ok", f"平台上有会员 {members} 人{'，不多于职工人数' if values['staff_count'] else ''}")


def check_unchanged(review: Review) -> Check:
    """Checks that the old values, which the reviewer sees on the left, are still the live ones."""
    if review.state != ReviewState.PENDING:
        return Check("ok", "已办结")
    if changed := union_details.differences(review.base, union_details.current(review.union), review.union):
        fields = "、".join(union_details.LABELS[key] for key in changed)
        return Check("bad", f"提交之后{fields}已有变化，需要退回后重新提交")
    return Check("ok", "现在的资料与提交时一致")
