"""The organisation form of the own union is read back into a draft of an amendment (SPEC 2.3, 3.10)."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from gonghui.filings.models import Amendment
from gonghui.imports.hooks import KINDS
from gonghui.imports.models import ImportState
from gonghui.kit.errors import Refused
from gonghui.unions import union_details
from gonghui.unions.models import Union
from tests.filings.stories import amended
from tests.national.stories import contents, exported, read, taken, whole_union
from tests.policies.stories import collecting

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole(cast) -> Union:
    collecting(cast, "union")
    return whole_union(cast.union)


def form(cast, by=None, **cells: str) -> bytes:
    """The form as it was exported, with other cells in the union's own row, by heading."""
    (data,) = contents(exported(by or cast.officer, "organisation"))
    book, content = load_workbook(BytesIO(data)), BytesIO()
    page = book.worksheets[0]
    places = {cell.value: cell.column for cell in page[4]}
    own = next(row[0].row for row in page.iter_rows(min_row=5) if row[9].value == cast.union.name)
    for heading, text in cells.items():
        page.cell(own, places[heading], text)
    book.save(content)
    return content.getvalue()


def draft(cast) -> dict:
    return union_details.unpack(Amendment.objects.get(union=cast.union, review=None).values, cast.union)


def test_unchanged_it_says_so_and_writes_nothing(cast, whole):
    batch = read("organisation", form(cast), cast.officer)
    assert (batch.state, batch.problems) == (ImportState.AWAITING_CONFIRMATION, [])
    assert batch.group_counts == {"organisation_same": 1}
    assert not Amendment.objects.exists()


CHANGES = {
    "单位地址": ("address", "杨浦区新路 8 号"),
    "单位所在政区": ("district_code", "上海市静安区"),
    "单位性质类别": ("employer_kind", "国有企业"),
    "经济类型": ("national_economic_type", "国有经济"),
    "单位所属行业": ("industry", "建筑业"),
    "职工人数": ("staff_count", "130"),
    "工会名称": ("name", "上海示例科技集团工会"),
    "建会日期": ("founded_on", "2016/04/05"),
    "基层工会类型": ("grassroots_type", "联合基层工会"),
    "工会负责人": ("leader", "李工"),
    "联系电话": ("phone", "021-65432100"),
}
STORED = {"district_code": "310106", "employer_kind": "state", "national_economic_type": "state", "industry": "E",
          "staff_count": 130, "founded_on": "2016-04-05", "grassroots_type": "joint"}  # fmt: skip


@pytest.mark.parametrize("heading", CHANGES)
def test_each_column_that_an_amendment_may_change_goes_into_its_draft(cast, whole, heading):
    key, text = CHANGES[heading]
    batch = read("organisation", form(cast, **{heading: text}), cast.officer)
    assert batch.problems == []
    assert batch.group_counts == {"organisation_changed": 1}
    assert not Amendment.objects.exists()
    taken(batch, "organisation_changed", by=cast.officer)
    assert draft(cast)[key] == STORED.get(key, text)
    assert draft(cast)["leader"] == ("李工" if key == "leader" else "王工")


def test_the_draft_fills_the_form_of_the_amendment(cast, whole, client):
    taken(
        read("organisation", form(cast, 单位地址="杨浦区新路 8 号"), cast.officer),
        "organisation_changed",
        by=cast.officer,
    )
    client.force_login(cast.officer)
    page = client.get("/filings/amend/")
    assert "杨浦区新路 8 号" in page.content.decode()


def test_of_a_superiors_file_only_the_own_row_is_read(cast, whole):
    batch = read("organisation", form(cast, by=cast.district_admin, 职工人数="99"), cast.officer)
    assert batch.group_counts == {"organisation_changed": 1, "organisation_others": 1}
    taken(batch, "organisation_changed", by=cast.officer)
    assert draft(cast)["staff_count"] == 99


def test_what_is_wrong_is_told_with_row_and_column(cast, whole):
    cells = {
        "职工人数": "很多",
        "单位所属行业": "养猫业",
        "建会日期": "去年",
        "联系电话": "123",
        "基层工会类型": "总工会",
    }
    batch = read("organisation", form(cast, **cells), cast.officer)
    assert {problem.heading for problem in batch.problems} == set(cells)
    assert {problem.row for problem in batch.problems} == {5}


def test_an_empty_cell_erases_nothing(cast, whole):
    batch = read("organisation", form(cast, 单位地址="", 工会负责人=""), cast.officer)
    assert batch.group_counts == {"organisation_same": 1}


def test_a_file_without_the_own_employer_is_refused(cast, whole):
    with pytest.raises(Refused, match="没有本工会所在单位"):
        read("organisation", form(cast, 单位法人和其他组织统一社会信用代码="91310000000000000X"), cast.officer)


def test_while_a_request_is_open_nothing_is_read(cast, whole):
    data = form(cast)
    amended(cast)
    with pytest.raises(Refused, match="正在审核"):
        read("organisation", data, cast.officer)


@pytest.mark.parametrize("who", ["district_admin", "reviewer", "newcomer", "claimant", "platform_admin"])
def test_only_officers_read_it_back(cast, who):
    assert not KINDS["organisation"].can_import(getattr(cast, who))
