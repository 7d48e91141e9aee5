"""What the tests of filings share: a complete form, and a union at each point of its way."""

from datetime import date

from gonghui.accounts.models import User
from gonghui.filings.amendment.actions import submit_amendment
from gonghui.filings.coverage.actions import Values, cover_employer
from gonghui.filings.dissolution.actions import dissolve_union
from gonghui.filings.filing.actions import submit_filing
from gonghui.filings.models import Amendment, Dissolution, Filing, Relocation
from gonghui.filings.relocation.actions import submit_relocation
from gonghui.kit.invent import invent_employer_name, invent_uscc
from gonghui.reviews.actions import decide
from gonghui.reviews.models import Review
from gonghui.unions.codes import GrassrootsType
from gonghui.unions.models import CoveredEmployer, Union
from gonghui.unions.union_details import FIXED
from tests.factories import org_code


def form_data(cast, **changes) -> dict:
    """The form as a browser sends it, right in every field."""
    return {
        "entrance": "district",
        "employer_name": "上海新办餐饮有限公司",
        "code": org_code(4321),
        "economic_type": "private",
        "level2": str(cast.district.pk),
        "superior": str(cast.street.pk),
        "address": "示例路1号",
        "industry": "H",
        "name": "上海新办餐饮有限公司工会",
        "founded_on": "2017-07-23",
        "grassroots_type": "single",
        "reelection_on": "2030-07-24",
        "leader": "李示例",
        "phone": "19900001234",
        "staff_count": "100",
        "merged": "false",
        **changes,
    }


def values(cast, **changes) -> dict:
    """The same as FilingForm.cleaned_data."""
    typed = form_data(cast, **changes)
    return {
        **{key: value for key, value in typed.items() if key not in {"entrance", "level2"}},
        "superior": changes.get("superior", cast.street),
        "founded_on": date(2017, 7, 23),
        "reelection_on": date(2030, 7, 24),
        "staff_count": 100,
        "merged": False,
    }


def changed(cast, **changes) -> dict:
    """What an officer may change, as AmendmentForm.cleaned_data."""
    return {key: value for key, value in values(cast).items() if key not in FIXED} | changes


def amended(cast, **changes) -> Amendment:
    return submit_amendment(cast.union, values=changed(cast, **changes), by=cast.officer)


def relocated(cast, way: str = "within", target: Union | None = None) -> Relocation:
    """Asked for, not yet decided."""
    target = target or cast.other_street
    return submit_relocation(cast.union, way=way, target=target, reason="单位搬迁", by=cast.officer)


def dissolved(cast, way: str = "closed", into: Union | None = None) -> Dissolution:
    number = cast.union.number
    return dissolve_union(cast.union, way=way, into=into, reason="单位注销", confirmed=number, by=cast.officer)


def approved(review: Review, *reviewers: User) -> None:
    for reviewer in reviewers:
        decide(review, decision="approved", opinion="同意。", by=reviewer)


def submitted(cast, **changes) -> Filing:
    return submit_filing(cast.unfiled, entrance="district", values=values(cast, **changes), by=cast.newcomer)


def returned(cast) -> Review:
    filing = submitted(cast)
    return decide(filing.review, decision="refused", opinion="单位地址不详，请写到门牌号。", by=cast.reviewer)


def joint(union: Union, kind: str = GrassrootsType.JOINT) -> Union:
    """The union as one that covers employers."""
    union.grassroots_type = kind
    union.save(update_fields=["grassroots_type"])
    return union


def employer(seed: int, **changes) -> Values:
    """An invented employer to be covered."""
    return Values(invent_uscc(seed), invent_employer_name(seed), 10 + seed % 90)._replace(**changes)


def covered(cast, seed: int = 1, **changes) -> CoveredEmployer:
    """By `cast.union`, which is made a joint one."""
    return cover_employer(joint(cast.union), employer(seed, **changes), by=cast.officer)
