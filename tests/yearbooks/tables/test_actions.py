"""A year's table: who lays it down, what it may say, when it is opened, and that it then stays."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from gonghui.statistics.closing import close_day
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union
from gonghui.yearbooks.models import Line, Sheet, Yearbook
from gonghui.yearbooks.tables.actions import Row, Table, open_yearbook, save_table
from tests.factories import make_union
from tests.yearbooks.stories import ROWS, closed, end_of, laid_down, last_year, opened, sheet_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def yearbook(cast):
    closed(cast)
    return laid_down(cast)


def refused_open(yearbook, by, version: int | None = None) -> str:
    with pytest.raises(Refused) as refused:
        open_yearbook(yearbook, version=yearbook.version if version is None else version, by=by)
    return refused.value.sentence


def refused_save(cast, table: Table, **more) -> str:
    with pytest.raises(Refused) as refused:
        save_table(table, by=more.pop("by", cast.platform_admin), **more)
    return refused.value.sentence


def test_the_city_lays_a_table_down_with_its_lines_in_order(cast, yearbook):
    lines = list(yearbook.lines.select_related("at_most"))
    assert [line.label for line in lines] == [row.label for row in ROWS]
    assert [line.at_most and line.at_most.label for line in lines] == [None, "会员", None, "困难职工"]
    assert Entry.objects.get(verb="yearbook.saved").data == {"lines": 4}


def test_nobody_but_an_administrator_of_the_city_lays_it_down_or_opens_it(cast, yearbook):
    for who in (cast.district_admin, cast.reviewer, cast.officer):
        assert "只有市总工会的管理员" in refused_save(cast, Table(last_year(), "年报", ROWS), by=who)
        assert "只有市总工会的管理员" in refused_open(yearbook, who)


def test_a_year_has_one_table(cast, yearbook):
    assert "一年只有一份" in refused_save(cast, Table(last_year(), "另一份", ROWS))
    assert Yearbook.objects.count() == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "至少要有一行"),
        ([Row("会员")] * 2, "第 2 行“会员”与前面的一行重复"),
        ([Row("")], "第 1 行的项目应为 1 至 30 个字"),
        ([Row("会员", "salary")], "第 1 行“会员”的取数不在可选范围内"),
        ([Row("会员", at_most=0)], "第 1 行“会员”不能大于的那一行不存在，或是它自己"),
        ([Row("会员", at_most=3)], "不存在"),
        ([Row("会员", tolerance=0)], "允许变动应为 1 至 1000"),
        ([Row(f"第{number}项") for number in range(41)], "最多 40 行"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_line(cast, rows, said):
    closed(cast)
    assert said in refused_save(cast, Table(last_year(), "年报", rows))


def test_a_future_year_and_one_before_the_first_data_are_refused(cast):
    closed(cast)
    future = localdate().year + 1
    assert f"{future} 年还没有到" in refused_save(cast, Table(future, "年报", ROWS))
    first = end_of(last_year())
    said = refused_save(cast, Table(last_year() - 1, "年报", ROWS))
    assert said == f"最早的统计截至 {first:%Y-%m-%d}，没有 {last_year() - 1} 年末的数。请选择以后的年度。"


def test_this_year_may_be_prepared_and_is_opened_when_it_is_over(cast):
    yearbook = laid_down(cast, localdate().year)
    assert "还没有结束" in refused_open(yearbook, cast.platform_admin)
    assert not Sheet.objects.exists()


def test_a_year_is_not_opened_before_its_last_day_is_closed(cast):
    close_day(end_of(last_year()) - timedelta(days=31))
    assert "年末的数还没有结账" in refused_open(laid_down(cast), cast.platform_admin)


def test_what_happened_in_a_year_wants_all_of_its_months(cast):
    closed(cast)
    yearbook = laid_down(cast, rows=[Row("新增", "joined")])
    assert "1、2、3、4、5、6、7、8、9、10、11 月没有结账" in refused_open(yearbook, cast.platform_admin)
    for month in range(1, 12):
        close_day(end_of(last_year()).replace(month=month + 1, day=1) - timedelta(days=1))
    open_yearbook(yearbook, version=yearbook.version, by=cast.platform_admin)
    assert sheet_of(cast.city).yearbook.is_open


def test_each_superior_union_gets_its_sheet_below_that_of_its_superior(cast):
    opened(cast)
    above = {sheet.node: sheet.above and sheet.above.node for sheet in Sheet.objects.select_related("above__node")}
    assert above == {
        cast.city: None,
        cast.district: cast.city,
        cast.bureau: cast.city,
        cast.street: cast.district,
        cast.other_street: cast.district,
        cast.company: cast.bureau,
    }
    assert Entry.objects.get(verb="yearbook.opened").data == {"count": 6}


def test_a_union_that_was_not_there_on_the_day_has_no_sheet(cast):
    closed(cast)
    later = make_union(UnionKind.STREET, cast.district, name="新设街道工会", area="新设街道")
    opened(cast)
    assert not Sheet.objects.filter(node=later).exists()


def test_a_street_that_has_moved_since_is_signed_where_it_stood(cast):
    closed(cast)
    other = make_union(UnionKind.DISTRICT, cast.city, name="虹口区总工会", area="虹口区")
    Union.objects.filter(pk=cast.street.pk).update(superior=other)
    yearbook = laid_down(cast)
    open_yearbook(yearbook, version=yearbook.version, by=cast.platform_admin)
    assert sheet_of(cast.street).above.node == cast.district


def test_the_lowest_are_told_that_a_year_is_open(cast):
    opened(cast)
    told = set(Notice.objects.filter(kind="yearbook").values_list("user", flat=True))
    assert told == {cast.reviewer.pk, cast.other_reviewer.pk, cast.company_reviewer.pk}


def test_an_open_table_is_neither_changed_nor_opened_again(cast):
    yearbook = opened(cast)
    table = Table(last_year(), "改了", ROWS)
    assert "已由市总平台管理员开启" in refused_save(cast, table, yearbook=yearbook, version=yearbook.version)
    assert "已由市总平台管理员开启" in refused_open(yearbook, cast.platform_admin)
    assert Sheet.objects.count() == 6


def test_the_database_itself_keeps_the_lines_of_an_open_table(cast):
    yearbook = opened(cast)
    for change in (
        lambda: Line.objects.filter(yearbook=yearbook).update(label="改"),
        lambda: Line.objects.filter(yearbook=yearbook).delete(),
        lambda: Line.objects.create(yearbook=yearbook, position=9, label="加"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_page_of_before_a_change_is_told(cast, yearbook):
    old = yearbook.version
    laid_down(cast, yearbook=yearbook, version=old, rows=ROWS[:1])
    assert "您打开页面之后，市总平台管理员修改了年报表" in refused_open(yearbook, cast.platform_admin, old)
    assert "您打开页面之后" in refused_save(cast, Table(last_year(), "年报", ROWS), yearbook=yearbook, version=old)
    assert [line.label for line in yearbook.lines.all()] == ["会员"]
