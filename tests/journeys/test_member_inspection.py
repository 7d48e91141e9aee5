"""Chapter 6: the annual inspection of members, from the banner over the list to what superiors see (SPEC 3.9)."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import UNION_A
from tests.journeys.pages import look, picture

CITY, STREET = "city@demo.test", "wujiaochang@demo.test"
DONE = "已完成更新"


def test_checked_mended_confirmed_and_seen_above(page_of: Callable[[str], Page]):
    officer = page_of(UNION_A.email)
    officer.goto("/members/")
    expect(officer.get_by_role("main")).to_contain_text("前完成信息更新")
    look(officer, "members-inspection")
    officer.get_by_role("link", name=DONE).click()
    expect(officer.get_by_role("main")).to_contain_text("会员核对")
    look(officer, "inspection-members")
    picture(officer, "inspection-members", height=700)
    officer.get_by_role("link", name="查看这些会员").first.click()
    look(officer, "inspection-doubtful")
    officer.get_by_role("link", name="编辑").first.click()
    expect(officer.get_by_role("heading", level=1)).to_contain_text("编辑")
    officer.goto("/inspections/members/")
    officer.evaluate("document.querySelector('[name=checked]').required = false")
    officer.get_by_role("button", name=DONE).click()
    expect(officer.get_by_role("alert")).to_contain_text("勾选「会员信息已核对无误」")
    look(officer, "inspection-members-unticked")
    officer.get_by_label("会员信息已核对无误").check()
    officer.get_by_role("button", name=DONE).click()
    expect(officer.get_by_role("main")).to_contain_text("完成。")
    look(officer, "inspection-members-done")
    officer.goto("/members/")
    expect(officer.get_by_role("link", name=DONE)).to_have_count(0)

    street = page_of(STREET)
    street.goto("/home/")
    street.get_by_label("到期和变化").get_by_role("link", name="催办").last.click()
    street.get_by_role("link", name="已完成（").click()
    street.get_by_role("row", name=UNION_A.employer).get_by_role("link", name="查看").click()
    expect(street.get_by_role("main")).to_contain_text("已办会员卡")
    look(street, "inspection-members-confirmation")
    street.get_by_role("link", name="确认时的会员名单").click()
    expect(street.get_by_role("table", name="确认时的会员名单").locator("tbody tr")).to_have_count(20)
    look(street, "inspection-member-list")
    with street.expect_download() as download:
        street.get_by_role("button", name="导出", exact=True).click()
    assert "会员名单" in download.value.suggested_filename


def test_the_city_switches_between_the_two(page_of: Callable[[str], Page]):
    city = page_of(CITY)
    city.goto("/inspections/")
    city.get_by_role("link", name="会员年检").click()
    expect(city.get_by_role("heading", level=1)).to_contain_text("会员年检")
    look(city, "inspection-members-levels")
    city.get_by_role("link", name="开启年检").click()
    expect(city.get_by_label("年检类型")).to_be_visible()
    look(city, "inspection-open-subject")
