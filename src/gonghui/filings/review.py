"""How filings use the approval engine: what the reviewer sees, what is checked, what the decision does (SPEC 2.2, 5.1)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.audit.actions import record
from gonghui.kit import documents
from gonghui.kit.errors import Refused
from gonghui.notices.actions import notify
from gonghui.reviews.kinds import Change, Check, Kind, register
from gonghui.reviews.models import Review
from gonghui.unions import particulars
from gonghui.unions.models import Employer, RegisteredEmployer, State, Union


@register
class FilingKind(Kind):
    """The first filing of a grassroots union, and its resubmissions."""

    code = "filing"
    label = "工会填报"

    def headings(self, review: Review) -> tuple[str, str]:
        return ("上次填报" if review.base else "大统计库登记"), "本次填报"

    def changes(self, review: Review) -> Sequence[Change]:
        """Old against new: against the last round, or against what the statistical register knows."""
        new = particulars.shown(review.proposed, _superior_path(review.proposed))
        if review.base:
            old = particulars.shown(review.base, _superior_path(review.base))
        else:
            old = _registered_words(review, new)
        return [Change(label, old.get(key, new[key]), new[key]) for key, label in particulars.LABELS.items()]

    def prepare(self, reviews: Sequence[Review]) -> None:
        found = _known(reviews)
        for review in reviews:
            review.known = found  # type: ignore[attr-defined] # for the checks only

    def checks(self, review: Review) -> Sequence[Check]:
        values, known = review.proposed, getattr(review, "known", None) or _known([review])
        return [
            _check_code(values["code"]),
            _check_register(values, known),
            _check_duplicates(review, known),
            _check_dates(values),
            _check_staff(values),
        ]

    def on_approved(self, review: Review, *, by: User) -> None:
        """Make the particulars live and give the union its 工会编号."""
        union = Union.objects.select_for_update().get(pk=review.union_id)
        if union.state != State.PENDING:
            raise Refused(f"这家工会的状态已变为「{union.get_state_display()}」，不能再审核通过。请刷新页面。")
        if Employer.objects.filter(code=review.proposed["code"]).exclude(union=union).exists():
            raise Refused(f"代码 {review.proposed['code']} 已属于另一家工会，不能通过。请退回并说明。")
        level2 = Union.objects.get(inferiors=review.proposed["superior"])
        union.state = State.APPROVED
        union.number = union.number or _next_number(level2)
        particulars.make_live(union, review.proposed)
        review.filing.code_held = False
        review.filing.save()
        record("filing.approved", union, by=by, union=union, number=union.number)
        _tell(review, f"贵单位的工会资料已审核通过，工会编号 {union.number}", _opinion(review))

    def on_refused(self, review: Review, *, by: User) -> None:
        _free(review, State.RETURNED)
        record("filing.returned", review.union, by=by, union=review.union)
        _tell(review, "贵单位的工会资料被退回修改", _opinion(review))

    def on_withdrawn(self, review: Review, *, by: User) -> None:
        earlier = review.union.filings.filter(review__isnull=False).exclude(review=review).exists()
        _free(review, State.RETURNED if earlier else State.UNFILED)


def _free(review: Review, state: State) -> None:
    """Back to the officer: the union's state, and the code free for others."""
    union = Union.objects.select_for_update().get(pk=review.union_id)
    union.state = state
    union.save(update_fields=["state"])
    review.filing.code_held = False
    review.filing.save()


def _tell(review: Review, title: str, body: str) -> None:
    officers = User.objects.filter(union=review.union, is_active=True)
    notify(officers, title, body=body, url=reverse("filings:own"))


def _opinion(review: Review) -> str:
    step = review.steps.exclude(decision=None).first()
    return f"审批意见：{step.opinion}" if step and step.opinion else ""


def _superior_path(packed: dict[str, Any]) -> str:
    superior = Union.objects.select_related("superior").filter(pk=packed["superior"]).first()
    return particulars.superior_path(superior)


def _next_number(level2: Union) -> str:
    """工会编号: the level-2 superior's three digits and six running ones; kept for ever, like a 会员编号."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('unions_number')")
        return f"{level2.code}{cursor.fetchone()[0]:06}"


def _registered(review: Review) -> RegisteredEmployer | None:
    """The register's entry for the code typed, else the one that registration linked."""
    code = review.proposed["code"]
    return RegisteredEmployer.objects.filter(code=code).first() or review.union.employer.registered


def _registered_words(review: Review, new: dict[str, str]) -> dict[str, str]:
    """What the register knows, in the same words; a line it knows nothing about counts as unchanged."""
    known = _registered(review)
    if known is None:
        return {}
    values = {
        "employer_name": known.name,
        "code": known.code,
        "economic_type": known.get_economic_type_display(),
        "industry": known.get_industry_display(),
        "address": known.address,
        "staff_count": str(known.staff_count or ""),
    }
    return {key: value or new[key] for key, value in values.items()}


def _check_code(code: str) -> Check:
    try:
        documents.check_unit_code(code)
    except documents.Invalid as problem:
        return Check("bad", f"代码校验未通过：{problem}")
    standard = "统一社会信用代码（GB 32100）" if len(code) == 18 else "组织机构代码（GB 11714）"
    return Check("ok", f"{standard}校验位正确")


@dataclass(frozen=True)
class _Known:
    """What the register and the platform know of the employers of some filings: three statements for all of them."""

    by_code: dict[str, RegisteredEmployer]
    by_name: dict[str, RegisteredEmployer]
    here: dict[str, list[tuple[int, str]]]  # employer's name -> union and its name


def _known(reviews: Sequence[Review]) -> _Known:
    codes = {review.proposed["code"] for review in reviews}
    names = {review.proposed["employer_name"] for review in reviews}
    registered = RegisteredEmployer.objects.order_by("-pk")
    here = defaultdict(list)
    named = Employer.objects.filter(name__in=names).exclude(union__state=State.UNFILED).order_by("pk")
    for name, union, union_name in named.values_list("name", "union_id", "union__name"):
        here[name].append((union, union_name))
    return _Known(
        by_code={known.code: known for known in registered.filter(code__in=codes)},
        by_name={known.name: known for known in registered.filter(name__in=names)},
        here=here,
    )


def _check_register(values: dict, about: _Known) -> Check:
    known = about.by_code.get(values["code"])
    if known is None:
        same_name = about.by_name.get(values["employer_name"])
        if same_name:
            return Check("bad", f"大统计库中「{same_name.name}」的代码是 {same_name.code}，与填报不符")
        return Check("look", "大统计库中没有这个代码，也没有同名单位，请核对证照")
    if known.name != values["employer_name"]:
        return Check("bad", f"大统计库中这个代码属于「{known.name}」，与填报的单位名称不符")
    return Check("ok", "单位名称、代码与大统计库一致")


def _check_duplicates(review: Review, about: _Known) -> Check:
    here = about.here.get(review.proposed["employer_name"], ())
    same = [name for union, name in here if union != review.union_id][:3]
    if same:
        return Check("bad", f"平台上已有同名单位：{'、'.join(same)}")
    return Check("ok", "平台上没有同名单位")


def _check_dates(values: dict) -> Check:
    if date.fromisoformat(values["reelection_on"]) < localdate():
        return Check("look", f"换届日期 {values['reelection_on']} 已过，请确认是否已按期换届")
    return Check("ok", "建会日期、换届日期合理")


def _check_staff(values: dict) -> Check:
    if values["grassroots_type"] == "single" and values["staff_count"] < 25:
        return Check(
            "look", f"职工 {values['staff_count']} 人，会员不足 25 人的也可以联合建会（《工会法》第十一条），请核实类型"
        )
    return Check("ok", f"职工人数 {values['staff_count']} 人")
