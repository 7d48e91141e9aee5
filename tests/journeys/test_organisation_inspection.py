"""Chapter 3: the annual inspection of organisations, from the city's window to the last confirmation."""

from collections.abc import Callable
from datetime import timedelta

from django.utils.timezone import localdate
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import NEWCOMER, UNION_A, UNION_B
from tests.journeys.mailbox import Mailbox
from tests.journeys.pages import look, picture

CITY, STREET, OTHER_STREET = "city@demo.test", "wujiaochang@demo.test", "xinjiangwan@demo.test"
DONE = "已完成年检信息更新"
REASON = "联系电话已停机，请更新后再次确认。"


def test_confirmed_seen_above_reopened_and_confirmed_again(page_of: Callable[[str], Page], mailbox: Mailbox):
    officer = page_of(UNION_A.email)
    expect(officer.get_by_role("main")).to_contain_text("组织年检待确认")
    look(officer, "home-inspection")
    officer.get_by_role("link", name="组织年检").first.click()
    for words in ("请确认企业信息更新到最新，以确认年检", "资料核对", "换届日期", "年检记录"):
        expect(officer.get_by_role("main")).to_contain_text(words)
    look(officer, "inspection-union")
    picture(officer, "inspection-union", height=760)

    officer.get_by_role("link", name=DONE).click()
    look(officer, "inspection-confirm")
    officer.evaluate("document.querySelector('[name=checked]').required = false")
    officer.get_by_role("button", name=DONE).click()
    expect(officer.get_by_role("alert")).to_contain_text("勾选「以上信息已核对无误」")
    look(officer, "inspection-confirm-unticked")
    officer.get_by_label("以上信息已核对无误").check()
    officer.get_by_role("button", name=DONE).dblclick()
    expect(officer.get_by_role("main")).to_contain_text("完成。")
    expect(officer.get_by_role("link", name=DONE)).to_have_count(0)
    look(officer, "inspection-union-done")

    street = page_of(STREET)
    street.get_by_role("link", name="组织年检").first.click()
    look(street, "inspection-left")
    street.get_by_role("link", name="已完成（").click()
    look(street, "inspection-done")
    street.get_by_role("row", name=UNION_A.employer).get_by_role("link", name="查看").click()
    expect(street.get_by_role("main")).to_contain_text("以下是确认时的资料")
    look(street, "inspection-confirmation")
    street.get_by_role("button", name="重新打开").click()
    expect(street.get_by_role("main")).to_contain_text("请填写这一项")
    look(street, "inspection-reopen-mistake")
    street.get_by_label("重新打开的原因").fill(REASON)
    street.get_by_role("button", name="重新打开").click()
    expect(street.locator("#messages")).to_contain_text("已重新打开")
    look(street, "inspection-reopened")

    assert REASON in mailbox.wait_for(UNION_A.email, "重新打开").get_content()
    officer.goto("/inspections/")
    expect(officer.get_by_role("main")).to_contain_text(REASON)
    look(officer, "inspection-union-reopened")
    officer.get_by_role("link", name=DONE).click()
    officer.get_by_label("以上信息已核对无误").check()
    officer.get_by_role("button", name=DONE).click()
    expect(officer.locator("#messages")).to_contain_text("已完成")


def test_superiors_drill_down_remind_and_export(page_of: Callable[[str], Page], mailbox: Mailbox, tmp_path):
    city = page_of(CITY)
    expect(city.get_by_role("main")).to_contain_text("组织年检")
    look(city, "home-superior-inspection")
    city.get_by_role("main").get_by_role("link", name="组织年检").click()
    look(city, "inspection-levels-city")
    picture(city, "inspection-levels", height=760)
    city.get_by_role("link", name="杨浦区总工会", exact=True).click()
    look(city, "inspection-levels-district")
    city.get_by_role("link", name="新江湾城街道工会", exact=True).click()
    look(city, "inspection-left-street")
    row = city.get_by_role("row", name=UNION_B.employer)
    row.get_by_role("button", name="催办").click()
    expect(city.locator("#messages")).to_contain_text(f"已催办{UNION_B.employer}工会")
    expect(row).to_contain_text("今天")
    expect(row.get_by_role("button", name="催办")).to_have_count(0)
    mailbox.wait_for(UNION_B.email, "上海市总工会提醒")

    street = page_of(OTHER_STREET)
    street.get_by_role("link", name="组织年检").first.click()
    street.get_by_role("button", name="催办全部未完成").click()
    expect(street.locator("#messages")).to_contain_text("今天已催办过")
    look(street, "inspection-reminded")
    with street.expect_download() as download:
        street.get_by_role("button", name="导出 Excel").click()
    path = tmp_path / "list.xlsx"
    download.value.save_as(path)
    assert "新江湾城" in download.value.suggested_filename
    rows = list(load_workbook(path).active.iter_rows(values_only=True))
    assert any(f"{UNION_B.employer}工会" in line for line in rows)
    street.get_by_label("工会或单位名称").fill("没有这样的工会")
    street.get_by_role("button", name="查询").click()
    expect(street.get_by_role("main")).to_contain_text("没有找到")
    look(street, "inspection-none-found")


def test_the_city_opens_extends_and_ends_a_window(page_of: Callable[[str], Page]):
    city = page_of(CITY)
    city.goto("/inspections/windows/")
    look(city, "inspection-windows")
    city.get_by_role("link", name="开启年检").click()
    look(city, "inspection-open")
    today = localdate()
    city.get_by_label("截止日期").fill(str(today + timedelta(days=30)))
    city.get_by_role("button", name="开启年检").click()
    expect(city.get_by_role("alert")).to_contain_text("已有年检")
    look(city, "inspection-open-mistake")
    picture(city, "inspection-open")

    begins, deadline = today + timedelta(days=100), today + timedelta(days=130)
    city.get_by_label("开始日期").fill(str(begins))
    city.get_by_label("截止日期").fill(str(deadline))
    city.get_by_label("指定的区总工会").check()
    city.get_by_label("黄浦区").check()
    city.get_by_role("button", name="开启年检").click()
    expect(city.locator("#messages")).to_contain_text("已开启")
    row = city.get_by_role("row", name=str(begins))
    row.get_by_role("link", name="延长").click()
    city.get_by_label("新的截止日期").fill(str(deadline + timedelta(days=10)))
    city.get_by_role("button", name="延长").click()
    expect(city.get_by_role("main")).to_contain_text("请填写这一项")
    look(city, "inspection-extend-mistake")
    city.get_by_label("延长的原因").fill("各区反映时间不够。")
    city.get_by_role("button", name="延长").click()
    expect(row).to_contain_text(str(deadline + timedelta(days=10)))
    row.get_by_role("link", name="提前结束").click()
    look(city, "inspection-close")
    city.get_by_label("提前结束的原因").fill("改为明年统一开启。")
    city.get_by_role("button", name="提前结束").click()
    expect(city.locator("#messages")).to_contain_text("已提前结束")
    look(city, "inspection-windows-closed")


def test_a_union_that_has_not_filed_is_told_why_there_is_nothing_to_confirm(page_of: Callable[[str], Page]):
    page = page_of(NEWCOMER.email)
    page.goto("/inspections/")
    expect(page.get_by_role("main")).to_contain_text("还不需要年检")
    look(page, "inspection-not-yet")
