"""What the tests of filings share: a complete form, and a union at each point of its way."""

from datetime import date

from gonghui.filings.actions import submit_filing
from gonghui.filings.models import Filing
from gonghui.reviews.actions import decide
from gonghui.reviews.models import Review
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


def submitted(cast, **changes) -> Filing:
    return submit_filing(cast.unfiled, entrance="district", values=values(cast, **changes), by=cast.newcomer)


def returned(cast) -> Review:
    filing = submitted(cast)
    return decide(filing.review, decision="refused", opinion="单位地址不详，请写到门牌号。", by=cast.reviewer)
