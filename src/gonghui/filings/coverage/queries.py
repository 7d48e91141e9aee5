"""Reads of the 涵盖单位: who may not be covered and why, and what a list looks like."""

from collections.abc import Collection

from django.urls import reverse

from gonghui.filings.models import Filing
from gonghui.kit.errors import Refused
from gonghui.unions.codes import COVERING
from gonghui.unions.keys import subject_code
from gonghui.unions.models import CoveredEmployer, Employer, Union

Reason = tuple[str, str]
"""What is wrong, and what would be right; both without a full stop."""

OWN: Reason = ("这是本工会所在单位自己的代码", "请填写本工会所涵盖的其他单位")
HAS_UNION: Reason = (
    "这家单位有自己的基层工会，或正在填报，不能再由其他工会涵盖",
    "请核对代码；代码无误的，请联系上级工会核实",
)
COVERED: Reason = (
    "这家单位已由另一家工会涵盖，一家单位只能由一家工会涵盖",
    "请核对代码；代码无误的，请联系上级工会核实",
)


def why_not(union: Union, codes: Collection[str]) -> dict[str, Reason]:
    """The 18-character codes that ``union`` may not cover, each with the reason; three statements, however many there are.

    No reason names another union or shows what is known of the employer there: it may be out of the officer's scope.
    """
    both = {*codes, *map(subject_code, codes)}  # a union of long ago may stand under the nine characters
    holders = dict(Employer.objects.filter(code__in=both).values_list("code", "union_id"))
    filed = Filing.objects.filter(code__in=both, code_held=True)
    holders |= dict(filed.values_list("code", "union_id"))
    elsewhere = CoveredEmployer.objects.standing().filter(code__in=codes).exclude(union=union)
    reasons = dict.fromkeys(elsewhere.values_list("code", flat=True), COVERED)
    for code in codes:
        holder = holders.get(code) or holders.get(subject_code(code))
        if holder:
            reasons[code] = OWN if holder == union.pk else HAS_UNION
    return reasons


def covered_page(union: Union) -> tuple[str, str] | None:
    """For `ReviewKind.details`: the list of a union that covers employers."""
    return ("涵盖单位", reverse("filings:union_coverage", args=[union.pk])) if union.is_covering else None


def require_type_covers(union: Union, grassroots_type: str) -> None:
    """Raises Refused when the union covers employers and the type that it is to have does not."""
    if grassroots_type in COVERING:
        return
    if count := CoveredEmployer.objects.standing().filter(union=union).count():
        raise Refused(
            f"工会还涵盖 {count} 家单位，不能改为没有涵盖单位的类型。请先在“涵盖单位”中移除这些单位，再修改基层工会类型。",
            field="grassroots_type",
        )
