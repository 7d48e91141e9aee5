"""The city lays down a year's table, a street fills in and signs, its district looks and sends back (SPEC 5.3)."""

from collections.abc import Callable

from django.utils.timezone import localdate
from playwright.sync_api import Page, expect

from tests.journeys.pages import field, look, picture

YEAR = localdate().year - 1


def opened(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("link", name="年报").first.click()
    expect(page.get_by_role("heading", name="年报", level=1)).to_be_visible()


def opened_sheet(page: Page) -> None:
    opened(page)
    page.get_by_role("link", name=f"{YEAR} 年工会统计年报", exact=True).click()
    expect(page.get_by_role("table", name="的年报")).to_be_visible()


def test_the_city_lays_down_the_table_of_this_year_and_looks_at_the_last(page_of: Callable[[str], Page]):
    city = page_of("city@demo.test")
    opened(city)
    look(city, "yearbooks-city")
    city.get_by_role("link", name="制定年报").click()
    look(city, "yearbooks-form")
    city.get_by_role("button", name="保存并查看").click()
    expect(city.get_by_role("alert")).to_contain_text(f"{YEAR} 年的年报表已经有了")
    field(city, "年度").fill(str(YEAR + 1))
    field(city, "标题").fill(f"{YEAR + 1} 年工会统计年报")
    field(city, "第 12 行的项目").fill("工会积极分子")
    city.get_by_role("button", name="再加几行").click()
    expect(field(city, "第 12 行的项目")).to_have_value("工会积极分子")
    city.get_by_role("button", name="保存并查看").click()
    expect(city.get_by_role("table", name="表样").get_by_role("row", name="工会积极分子")).to_be_visible()
    expect(city.get_by_role("main")).to_contain_text(f"还不能开启：{YEAR + 1} 年还没有结束")
    look(city, "yearbooks-table")
    opened_sheet(city)
    expect(city.get_by_role("table", name="下级工会的签报情况")).to_contain_text("杨浦区")
    look(city, "yearbooks-sheet-of-the-city")


def test_a_street_that_was_sent_back_to_mends_what_the_rule_refuses_and_signs(page_of: Callable[[str], Page]):
    street = page_of("dinghai@demo.test")
    opened_sheet(street)
    expect(street.get_by_role("main")).to_contain_text("退回。原因：")
    street.get_by_role("link", name="填报", exact=True).click()
    field(street, "困难女职工的数").fill("九十")
    street.get_by_role("button", name="保存并核对").click()
    expect(street.get_by_role("alert")).to_contain_text("请填写整数")
    field(street, "困难女职工的数").fill("84")
    look(street, "yearbooks-fill")
    street.get_by_role("button", name="保存并核对").click()
    broken = "“困难女职工”（84）不能大于第 10 行“困难职工”（83）"
    expect(street.get_by_role("table", name="的年报")).to_contain_text(broken)
    expect(street.get_by_role("button", name="签报")).to_have_count(0)
    look(street, "yearbooks-rule")
    street.get_by_role("link", name="填报", exact=True).click()
    field(street, "困难女职工的数").fill("27")
    street.get_by_role("button", name="保存并核对").click()
    street.get_by_role("button", name="签报").click()
    expect(street.get_by_role("main")).to_contain_text("签报，此后不再改变")
    look(street, "yearbooks-signed")


def test_a_district_takes_the_workbook_of_a_street_and_sends_it_back(page_of: Callable[[str], Page]):
    district = page_of("yangpu@demo.test")
    opened_sheet(district)
    look(district, "yearbooks-sheet-of-a-district")
    picture(district, "yearbook")
    district.get_by_role("table", name="下级工会的签报情况").get_by_role("link", name="新江湾城街道").click()
    with district.expect_download() as downloaded:
        district.get_by_role("button", name="导出").click()
    assert downloaded.value.suggested_filename == f"年报_新江湾城街道_{YEAR}.xlsx"
    district.get_by_role("link", name="退回").click()
    field(district, "退回的原因").fill("专职工会工作者请核对")
    look(district, "yearbooks-send-back")
    district.get_by_role("button", name="退回").click()
    row = district.get_by_role("table", name="下级工会的签报情况").get_by_role("row", name="新江湾城街道")
    expect(row).to_contain_text("已退回")
