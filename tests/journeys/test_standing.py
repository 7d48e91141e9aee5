"""会籍: two are retained, one resigns, one is expelled and reported to the street, and joins another union again (SPEC 3.10)."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import UNION_A, UNION_B
from gonghui.kit.invent import InventedPerson
from tests.journeys.pages import look
from tests.journeys.test_transferring_members import joined

STREET = "wujiaochang@demo.test"


def tick(page: Page, *people: InventedPerson) -> None:
    page.goto("/members/")
    for one in people:
        page.get_by_label("身份证号搜索").fill(one.resident_id)
        page.get_by_role("button", name="查询").click()
        page.get_by_label(f"选择 {one.name}").check()


def page_of_member(page: Page, one: InventedPerson) -> None:
    tick(page, one)
    page.get_by_role("row", name=one.name).get_by_role("link", name="查看").click()
    expect(page.get_by_role("heading", name=one.name, level=1)).to_be_visible()


def test_retained_resigned_expelled_and_back(page_of: Callable[[str], Page]):
    officer = page_of(UNION_A.email)
    first, second, leaver, expelled = joined(officer, 4)

    tick(officer, first, second)
    officer.locator("[data-tick-bar]").get_by_role("button", name="保留会籍").click()
    expect(officer.get_by_role("main")).to_contain_text("共 2 人")
    officer.get_by_role("button", name="确认办理").click()
    expect(officer.get_by_role("alert")).to_contain_text("请选择保留会籍的原因")
    officer.get_by_label("保留会籍的原因").select_option("失业")
    look(officer, "standing-retain")
    officer.get_by_role("button", name="确认办理").click()
    expect(officer.locator("#messages")).to_contain_text("已保留 2 名会员的会籍")
    expect(officer.locator("[data-tick-bar]")).to_be_hidden()

    page_of_member(officer, first)
    expect(officer.get_by_role("main")).to_contain_text("失业")
    look(officer, "standing-member")
    officer.get_by_role("link", name="恢复会籍").click()
    expect(officer.get_by_label("保留会籍的原因")).to_be_hidden()
    officer.get_by_role("button", name="确认办理").click()
    expect(officer.locator("#messages")).to_contain_text("已恢复 1 名会员的会籍")

    page_of_member(officer, leaver)
    officer.get_by_role("button", name="转出、退会、除名").click()
    officer.get_by_label("退会：会员本人书面申请").check()
    expect(officer.get_by_label("决定文号")).to_be_hidden()
    officer.get_by_label("申请或决定日期").fill("2999-01-01")
    officer.get_by_role("button", name="确认转出").click()
    expect(officer.get_by_role("alert")).to_contain_text("晚于今天")
    today = officer.evaluate("new Date().toLocaleDateString('sv', {timeZone: 'Asia/Shanghai'})")
    officer.get_by_label("申请或决定日期").fill(today)
    officer.get_by_role("button", name="确认转出").click()
    expect(officer.locator("#messages")).to_contain_text("1 名会员已退会")

    page_of_member(officer, expelled)
    officer.get_by_role("button", name="转出、退会、除名").click()
    officer.get_by_label("除名：工会已作出决定").check()
    officer.get_by_label("申请或决定日期").fill(today)
    officer.get_by_label("决定文号").fill("示工〔2026〕5 号")
    look(officer, "standing-expel")
    officer.get_by_role("button", name="确认转出").click()
    expect(officer.locator("#messages")).to_contain_text("1 名会员已除名，已报上级工会备案")

    street = page_of(STREET)
    street.goto("/members/")
    street.get_by_role("link", name="除名备案").first.click()
    expect(street.get_by_role("row", name=expelled.name)).to_contain_text("示工〔2026〕5 号")
    look(street, "expulsions")
    street.get_by_label(f"选择 {expelled.name}").check()
    street.get_by_role("button", name="已备案").click()
    expect(street.locator("#messages")).to_contain_text("已备案 1 名会员的除名")
    street.get_by_role("link", name=f"查看{expelled.name}的除名").click()
    look(street, "expulsion")

    elsewhere = page_of(UNION_B.email)
    elsewhere.goto("/members/add/")
    elsewhere.get_by_label("姓名").fill(expelled.name)
    elsewhere.get_by_label("证件号码").fill(expelled.resident_id)
    elsewhere.get_by_label("证件号码").blur()
    expect(elsewhere.get_by_label("出生日期")).not_to_have_value("")
    elsewhere.get_by_label("移动电话").fill(expelled.mobile)
    elsewhere.get_by_role("button", name="保存").click()
    expect(elsewhere.get_by_role("alert").first).to_contain_text("被除名")
    look(elsewhere, "standing-readmit")
    elsewhere.get_by_label("已知悉曾被除名，同意重新入会").check()
    elsewhere.get_by_role("button", name="保存").click()
    expect(elsewhere.locator("#messages")).to_contain_text("已新增会员")
