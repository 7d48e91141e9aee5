"""SPEC 7.5: the main tasks with the keyboard alone, on a phone, and without scripts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, Page, expect

from gonghui.demo_data.cast import PASSWORD, UNION_A, UNION_B, UNION_C
from tests.journeys.mailbox import Mailbox
from tests.journeys.pages import DESK, PHONE, field, look, sign_in, tab_to
from tests.journeys.steps import Newcomer, fill_filing, person, register
from tests.stack import Demo


@pytest.fixture
def plain(browser: Browser, stack: Demo):
    """A browser without scripts."""
    context = browser.new_context(base_url=stack.address, locale="zh-CN", viewport=DESK, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_sign_in_by_keyboard(page: Page):
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("用户名")).to_be_focused()
    page.keyboard.type(UNION_B.email)
    tab_to(page, field(page, "密码"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("/home/")


def test_a_member_is_added_by_keyboard(page_of: Callable[[str], Page]):
    page, one = page_of(UNION_B.email), person()
    tab_to(page, page.get_by_role("navigation", name="主菜单", exact=True).get_by_role("link", name="会员管理"))
    page.keyboard.press("Enter")
    page.wait_for_url("/members/")
    tab_to(page, page.get_by_role("link", name="新增会员"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("姓名")).to_be_focused()
    page.keyboard.type(one.name)
    tab_to(page, page.get_by_label("证件号码"))
    page.keyboard.type(one.resident_id)
    tab_to(page, page.get_by_label("移动电话"))
    expect(page.get_by_label("出生日期")).to_have_value(one.born_on.isoformat())
    page.keyboard.type(one.mobile)
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("已新增会员")


def test_a_review_is_decided_by_keyboard(page: Page, page_of: Callable[[str], Page], mailbox: Mailbox):
    newcomer = Newcomer()
    register(page, mailbox, newcomer)
    page.get_by_role("link", name="区总工会所属单位").click()
    fill_filing(page, newcomer, level3="新江湾城街道")
    page.get_by_label("联系电话").press("Enter")  # sends the form, as anywhere
    expect(page.get_by_role("main")).to_contain_text("待审核")

    reviewer = page_of("xinjiangwan@demo.test")
    reviewer.goto(f"/reviews/?q={newcomer.employer}")
    tab_to(reviewer, reviewer.get_by_role("row", name=newcomer.employer).get_by_role("link", name="审核"))
    reviewer.keyboard.press("Enter")
    reviewer.wait_for_url("/reviews/*/?q=*")
    tab_to(reviewer, reviewer.get_by_label("审批意见"))
    reviewer.keyboard.type("资料齐全，同意。")
    tab_to(reviewer, reviewer.get_by_role("button", name="审核通过"))
    reviewer.keyboard.press("Enter")
    expect(reviewer.locator("#messages")).to_contain_text("已审核通过")


def test_the_focus_stays_where_a_part_of_the_page_is_replaced(page_of: Callable[[str], Page]):
    """htmx takes what it replaces away, and with it would go the focus; a screen reader is told what changed."""
    page = page_of(UNION_A.email)
    page.goto("/members/")
    look_at = page.get_by_role("button", name="的完整号码").first
    look_at.focus()
    page.keyboard.press("Enter")
    masking = page.get_by_role("button", name="遮盖").first
    expect(masking).to_be_focused()
    page.wait_for_timeout(200)  # nobody presses a key within the moment that htmx takes to settle
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="的完整号码").first).to_be_focused()

    page.get_by_role("link", name="第 2 页").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="会员名单")).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("显示第 11 到第 20 条记录")
    page.get_by_label("姓名搜索").fill("没有这样的人")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text("没有找到符合条件的会员")
    expect(page.get_by_label("姓名搜索")).to_be_focused()


def test_the_menu_on_a_phone(page_of: Callable[[str], Page]):
    page = page_of(UNION_A.email)
    page.set_viewport_size(PHONE)
    page.get_by_label("菜单", exact=True).click()
    menu = page.get_by_role("navigation", name="主菜单（手机）")
    expect(menu).to_be_visible()
    look(page, "phone-menu")
    page.set_viewport_size(PHONE)
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.get_by_label("菜单", exact=True).click()
    menu.get_by_role("link", name="会员管理").click()
    card = page.locator("tbody tr").first  # on a phone a row is a card of two lines, which opens as a whole
    expect(card.locator("td.name")).to_be_visible()
    box = card.bounding_box()
    assert box is not None
    assert box["height"] <= 80
    page.mouse.click(box["x"] + 200, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", name="会籍记录")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="新增会员").click()
    expect(page.get_by_role("heading", name="新增会员")).to_be_visible()


def test_a_filing_without_scripts(plain: Page, page: Page, mailbox: Mailbox):
    newcomer = Newcomer()
    register(page, mailbox, newcomer)
    sign_in(plain, newcomer.email)
    plain.get_by_role("link", name="产业局所属单位").click()
    plain.locator("#id_level2").select_option("机电")
    fill_filing(plain, newcomer, level2="机电", level3="动力设备")
    plain.get_by_role("button", name="提交").click()
    expect(plain.get_by_role("main")).to_contain_text("动力设备公司工会")
    expect(plain.get_by_role("main")).to_contain_text("待审核")


def test_members_without_scripts(plain: Page, tmp_path: Path):
    one, another = person(), person()
    sign_in(plain, UNION_C.email)
    plain.goto("/members/add/")
    plain.get_by_label("姓名").fill(one.name)
    plain.get_by_label("证件号码").fill(one.resident_id)
    plain.get_by_label("移动电话").fill(one.mobile)
    plain.get_by_role("button", name="保存").click()
    expect(plain.locator("#messages")).to_contain_text("已新增会员")
    expect(plain.get_by_role("main")).to_contain_text(one.born_on.isoformat())

    plain.goto("/members/")
    plain.get_by_role("link", name="第 2 页").click()
    expect(plain.locator(".table-foot")).to_contain_text("显示第 11 到第 20 条记录", use_inner_text=True)
    plain.get_by_label("每页显示").select_option("20")
    plain.get_by_role("button", name="应用").click()
    expect(plain.locator("tbody tr")).to_have_count(20)
    plain.get_by_role("button", name="完整号码").first.click()
    expect(plain.get_by_role("status")).to_contain_text("正在显示完整的号码")
    plain.goto("/members/")
    plain.get_by_label("姓名搜索").fill(one.name)
    plain.get_by_role("button", name="查询").click()
    expect(plain.locator("tbody tr").first).to_contain_text(one.name)

    book = Workbook()
    book.active.append(["姓名", "证件号码", "移动电话"])
    book.active.append([another.name, another.resident_id, another.mobile])
    book.save(tmp_path / "会员.xlsx")
    plain.goto("/imports/members/")
    plain.locator("input[type=file]").set_input_files(tmp_path / "会员.xlsx")
    plain.get_by_role("button", name="确认").click()
    expect(plain.locator("#messages")).to_contain_text("校验通过")
    for _ in range(60):
        if "导入成功" in plain.locator("#history tbody tr").first.inner_text():
            break
        plain.wait_for_timeout(500)
        plain.get_by_role("link", name="刷新").first.click()
    expect(plain.locator("#history tbody tr").first).to_contain_text("导入成功")


def test_a_list_is_sorted_and_ticked_on_a_phone(page_of: Callable[[str], Page]):
    page = page_of(UNION_A.email)
    page.set_viewport_size(PHONE)
    page.goto("/members/")
    page.get_by_text("全选本页", exact=True).click()
    expect(page.locator("td.tick input:checked")).to_have_count(10)
    page.locator("thead").get_by_role("link", name="姓名").click()
    page.wait_for_url("**sort=name**")
    expect(page.locator("tbody tr")).to_have_count(10)
