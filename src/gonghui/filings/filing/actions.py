"""Writes of a filing: draft, submit (SPEC 2.1, 2.2). The effects of its review are in review.py."""

from typing import Any

from django.db import IntegrityError, transaction

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.filings import national
from gonghui.filings.filing.review import FilingKind, task_of
from gonghui.filings.models import Filing
from gonghui.filings.queries import particulars_of
from gonghui.filings.rules import can_file, may_be_filed
from gonghui.kit.errors import Refused
from gonghui.notices.actions import settle
from gonghui.policies.columns.of_unions import collected
from gonghui.reviews import actions as reviews
from gonghui.reviews.models import Review, ReviewPart
from gonghui.unions import union_details
from gonghui.unions.levels import ENTRANCES
from gonghui.unions.models import Employer, Union, UnionState

verbs.register(
    filing__drafted="保存填报草稿",
    filing__submitted="提交填报",
    union__revealed="查看工会的完整联系电话",
)
verbs.facts("filing", round="轮次")


def save_draft(union: Union, *, entrance: str, values: dict[str, Any], by: User, by_itself: bool = False) -> Filing:
    """Stores the form as typed, valid or not. Raises Refused when the union may not be filed.

    ``by_itself``: the page saves automatically while it is filled in; only the first save is recorded.
    """
    with transaction.atomic():
        _lock_for_filing(union, by)
        filing = _draft(union)
        recorded = not by_itself or filing.pk is None
        filing.entrance, filing.values = entrance, union_details.pack(values, union)
        filing.save()
        if recorded:
            record("filing.drafted", filing.union, by=by, union=union)
    return filing


def submit_filing(union: Union, *, entrance: str, values: dict[str, Any], by: User) -> Filing:
    """Submits a complete form (FilingForm.cleaned_data) to the chosen level-3 superior.

    Raises Refused when the union may not be filed, the superior is not of the entrance's kind, the code is in use, a value
    of a code list is retired, or what the city asks for beside the manual's form is missing or wrong.
    """
    with transaction.atomic():
        union = _lock_for_filing(union, by)
        superior = values["superior"]
        if superior.kind != ENTRANCES[entrance][1]:
            raise Refused("所选上级工会不属于这个填报入口，请重新选择。", field="superior")
        _require_code_free(values["code"], union)
        values = national.require_right(values, union, collected())
        union_details.require_offered_codes(values, {})
        rounds = list(Review.objects.filter(filing__union=union).order_by("-pk"))
        filing = _draft(union)
        filing.entrance, filing.values = entrance, union_details.pack(values, union)
        filing.superior, filing.code, filing.code_held = superior, values["code"], True
        filing.review = reviews.submit(
            FilingKind,
            union=union,
            title=values["employer_name"],
            superiors={ReviewPart.SUPERIOR: superior},
            proposed=filing.values,
            base=rounds[0].proposed if rounds else {},
            round=len(rounds) + 1,
            by=by,
        )
        try:
            with transaction.atomic():
                filing.save()
        except IntegrityError as error:
            raise _code_in_use(values["code"]) from error
        union.state = UnionState.PENDING
        union.save(update_fields=["state"])
        settle([task_of(union)])
        record("filing.submitted", filing.union, by=by, union=union, round=filing.review.round)
    return filing


def _lock_for_filing(union: Union, by: User) -> Union:
    union = Union.objects.select_for_update().get(pk=union.pk)
    require(can_file, by, union, sentence="您没有填报这家工会的权限。")
    if not may_be_filed(union):
        raise Refused(f"本工会资料的状态是「{union.get_state_display()}」，不能填报。请刷新页面查看最新状态。")
    return union


def _draft(union: Union) -> Filing:
    return Filing.objects.filter(union=union, review=None).first() or Filing(union=union)


def _require_code_free(code: str, union: Union) -> None:
    holders = (Employer.objects.filter(code=code), Filing.objects.filter(code=code, code_held=True))
    if any(rows.exclude(union=union).exists() for rows in holders):
        raise _code_in_use(code)


def _code_in_use(code: str) -> Refused:
    return Refused(
        f"代码 {code} 已被平台上的另一家单位使用。请先核对代码是否填错；如果代码无误，说明贵单位已有账号填报过，"
        "请向原经办人了解，或请街镇(产业局公司)工会核实处理。",
        field="code",
    )


def reveal_phone(union: Union, *, by: User) -> str:
    """Returns the union's 联系电话 in full; records the disclosure (SPEC 7.2). Raises Refused when ``by`` may not."""
    if not can_file(by, union):
        raise Refused("只有本工会的经办人可以查看完整的联系电话。如需查看，请联系本工会的经办人。")
    packed, _ = particulars_of(union)
    phone = union_details.unpack(packed, union).get("phone", "")
    if not phone:
        raise Refused("本工会还没有填报联系电话。请在“组织管理”中填报。")
    with transaction.atomic():
        record("union.revealed", union, by=by, union=union)
    return str(phone)
