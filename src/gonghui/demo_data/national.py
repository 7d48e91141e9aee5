"""What a demo's union has in the columns of the national form that its city asks for."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.timezone import localdate

from gonghui.kit.choices import Some
from gonghui.kit.days import years_before
from gonghui.kit.invent import invent_uscc
from gonghui.unions.codes import EconomicType, EmployerKind, Established, NationalEconomicType

TERM = 5
ASKED = (
    "employer_kind", "national_economic_type", "women_count", "legal_code", "certificate_number",
    "certificate_issued_on", "certificate_valid_until", "session_number", "term_years", "women_committee",
)  # fmt: skip
REQUIRED_SOON = ("employer_kind", "women_count")

_KINDS = Some(
    {
        EconomicType.STATE: (EmployerKind.STATE, NationalEconomicType.STATE),
        EconomicType.PRIVATE: (EmployerKind.PRIVATE, NationalEconomicType.PRIVATE),
        EconomicType.FOREIGN_INVESTED: (EmployerKind.FOREIGN_INVESTED, NationalEconomicType.FOREIGN_INVESTED),
        EconomicType.HMT_INVESTED: (EmployerKind.HMT_INVESTED, NationalEconomicType.HMT_INVESTED),
    },
    others="Their two national values depend on more than the manual's one.",
)


def national_values(seed: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of ASKED beside the manual's ``values``. Some know everything, every third has gaps, as after an upgrade."""
    kind, economic = _KINDS.get(values["economic_type"], ("", ""))
    whole, ends = seed % 3 != 1, values["reelection_on"]
    committee = Established.YES if whole and values["staff_count"] > 24 else Established.NO
    return {
        "employer_kind": kind or (EmployerKind.OTHER_LIMITED if whole else ""),
        "national_economic_type": economic or (NationalEconomicType.OTHER if whole else ""),
        "women_count": values["staff_count"] * (30 + seed % 40) // 100 if whole else None,
        "session_number": 1 + seed % 5 if whole else None,
        "term_years": TERM if whole else None,
        "women_committee": committee,
        "women_committee_since": values["founded_on"] if committee == Established.YES else None,
        **_certificate(seed, max(values["founded_on"], years_before(ends, TERM)), ends),
    }


def _certificate(seed: int, issued: date, ends: date) -> dict[str, Any]:
    """Of every other union, which is a legal person: valid for the term."""
    is_one = seed % 2 == 0 and issued < ends and issued <= localdate() - timedelta(days=1)
    return {
        "legal_code": invent_uscc(seed, "81") if is_one else "",
        "certificate_number": f"沪工法字第{1 + seed % 100_000:05}号" if is_one else "",
        "certificate_issued_on": issued if is_one else None,
        "certificate_valid_until": ends if is_one else None,
    }
