"""《工会组织信息采集表》: every column to the letter, and what counts as missing (SPEC 2.7, 3.10)."""

import pytest

from gonghui.national import queries
from gonghui.national.organisation_form import COLUMNS, ORGANISATION_FORM
from gonghui.unions.models import Employer, Union
from tests.factories import make_member
from tests.national.stories import contents, exported, grid, rows, whole_union
from tests.policies.stories import collecting

pytestmark = pytest.mark.django_db

HEADINGS = [
    "序号",
    "单位名称",
    "单位法人和其他组织统一社会信用代码",
    "单位地址",
    "单位所在政区",
    "单位性质类别",
    "经济类型",
    "单位所属行业",
    "职工人数",
    "工会名称",
    "工会法人和其他组织统一社会信用代码",
    "上级工会名称",
    "建会日期",
    "基层工会类型",
    "会员人数",
    "工会负责人",
    "联系电话",
]


@pytest.fixture
def whole(cast) -> Union:
    """A union of which the form lacks nothing, in a city that collects every column."""
    collecting(cast, "union")
    return whole_union(cast.union)


def lacking(union: Union) -> list[str]:
    return queries.lacking(ORGANISATION_FORM, [union.pk])[union.pk]


def the_row(cast) -> dict[str, str]:
    (row,) = rows(exported(cast.officer, "organisation"))
    return row


def test_the_form_has_its_title_and_sixteen_columns_from_row_five(cast, whole):
    (data,) = contents(exported(cast.officer, "organisation"))
    lines = grid(data)
    assert (lines[0][0], lines[1][0], lines[3]) == ("附件一", "工会组织信息采集表", HEADINGS)
    assert len(HEADINGS) == 17
    assert lines[4][0] == "1"


def test_every_column_has_the_forms_words(cast, whole):
    make_member(cast.union)
    assert the_row(cast) == {
        "序号": "1",
        "单位名称": whole.employer.name,
        "单位法人和其他组织统一社会信用代码": whole.employer.code,
        "单位地址": "杨浦区示例路100号",
        "单位所在政区": "上海市杨浦区",
        "单位性质类别": "其他有限责任公司",
        "经济类型": "私营经济",
        "单位所属行业": "制造业",
        "职工人数": "120",
        "工会名称": cast.union.name,
        "工会法人和其他组织统一社会信用代码": whole.legal_code,
        "上级工会名称": cast.street.name,
        "建会日期": "2015/03/01",
        "基层工会类型": "独立基层工会",
        "会员人数": "1",
        "工会负责人": "王工",
        "联系电话": "021-61234567",
    }
    assert lacking(whole) == []


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        (
            "单位性质类别",
            "国有企业 集体企业 股份合作企业 联营企业 国有独资公司 其他有限责任公司 国有控股公司 其他股份有限公司 私营企业 "
            "其他内资企业 港澳台商投资企业 外商投资企业 财政拨款的事业单位 其他事业单位 机关 个体经济组织 社会团体 "
            "民办非企业单位 基金会 其他组织",
        ),
        (
            "经济类型",
            "国有经济 集体经济 私营经济 个体经济 联营经济 股份制 外商投资 港澳台投资 其他经济类",
        ),
        ("基层工会类型", "独立基层工会 联合基层工会 工会联合会 产业(系统)工会 总工会"),
    ],
)
def test_the_drop_downs_have_the_forms_words_in_its_order(heading, words):
    assert list(next(column.values for column in COLUMNS if column.heading == heading)) == words.split()


def test_what_is_empty_or_unknown_to_the_form_is_missing(cast, whole):
    Union.objects.filter(pk=whole.pk).update(grassroots_type="project", legal_code="", leader="", phone_sealed=None)
    Employer.objects.filter(union=whole).update(district_code="", employer_kind="", address="")
    assert lacking(whole) == [
        "单位地址", "单位所在政区", "单位性质类别", "工会法人和其他组织统一社会信用代码", "基层工会类型", "工会负责人", "联系电话",
    ]  # fmt: skip
    export = exported(cast.officer, "organisation")
    assert export.incomplete == 1
    assert rows(export)[0]["基层工会类型"] == ""


def test_what_the_city_does_not_collect_is_empty_and_no_gap(cast):
    union = whole_union(cast.union)
    row = the_row(cast)
    uncollected = ["单位所在政区", "单位性质类别", "经济类型", "工会法人和其他组织统一社会信用代码"]
    assert [row[heading] for heading in uncollected] == [""] * 4
    assert ORGANISATION_FORM.not_collected(ORGANISATION_FORM.asked()) == uncollected
    assert lacking(union) == []


def test_a_union_without_any_members_is_in_the_form(cast, whole):
    assert the_row(cast)["会员人数"] == "0"


def test_each_reported_column_makes_another_version_and_the_head_count_of_members_none(cast, whole):
    def version():
        return Union.objects.annotate(now=ORGANISATION_FORM.version()).get(pk=whole.pk).now

    seen = {version()}
    of_union = {"name": "新名工会", "staff_count": 99, "legal_code": "", "founded_on": "2016-01-01", "leader": "李工",
                "grassroots_type": "joint", "phone_sealed": b"other", "superior": cast.other_street}  # fmt: skip
    of_employer = {"name": "新名", "address": "别处", "district_code": "310101", "employer_kind": "private",
                   "national_economic_type": "state", "industry": "D", "code": None}  # fmt: skip
    for number, (column, value) in enumerate(of_union.items(), start=2):
        Union.objects.filter(pk=whole.pk).update(**{column: value})
        seen.add(version())
        assert len(seen) == number, column
    for number, (column, value) in enumerate(of_employer.items(), start=len(seen) + 1):
        Employer.objects.filter(union=whole).update(**{column: value})
        seen.add(version())
        assert len(seen) == number, column
    Union.objects.filter(pk=whole.pk).update(member_count=5)
    assert version() in seen
