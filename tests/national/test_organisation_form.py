"""《工会组织信息采集表》: every column to the letter, and what counts as missing (SPEC 2.7, 3.10)."""

import pytest

from gonghui.national import queries
from gonghui.national.organisation_form import COLUMNS, ORGANISATION_FORM
from gonghui.unions.models import Employer, Union
from tests.filings.stories import filled_in
from tests.national.stories import contents, exported, grid, rows

pytestmark = pytest.mark.django_db

HEADINGS = (
    "序号 单位名称 单位法人和其他组织统一社会信用代码 单位地址 单位所在政区 单位性质类别 经济类型 单位所属行业 职工人数 "
    "工会名称 工会法人和其他组织统一社会信用代码 上级工会名称 建会日期 基层工会类型 会员人数 工会负责人 联系电话"
).split()
LEGAL_CODE = "81310110MC0000001X"


@pytest.fixture
def whole(cast, monkeypatch) -> Union:
    """A union of which the form lacks nothing, in a city that collects every column."""
    asked = frozenset(column.key for column in COLUMNS)
    monkeypatch.setattr("gonghui.national.organisation_form.asked", lambda: asked)
    object.__setattr__(ORGANISATION_FORM, "asked", lambda: asked)
    filled_in(cast.union, phone="021-61234567", industry="C", address="杨浦区示例路100号", staff_count=120, leader="王工")
    Union.objects.filter(pk=cast.union.pk).update(
        legal_code=LEGAL_CODE, founded_on="2015-03-01", grassroots_type="single"
    )
    Employer.objects.filter(union=cast.union).update(
        district_code="310110", employer_kind="other_limited", national_economic_type="private"
    )
    return Union.objects.select_related("employer", "superior").get(pk=cast.union.pk)


def lacking(union: Union) -> list[str]:
    return queries.lacking(ORGANISATION_FORM, [union.pk])[union.pk]
