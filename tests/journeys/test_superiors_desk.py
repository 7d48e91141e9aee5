"""A superior union's desk and accounts: by keyboard, on leave, handed over; and what waits below."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import PASSWORD
from tests.journeys.mailbox import Mailbox
from tests.journeys.pages import field, look, picture, sign_in_first
from tests.journeys.steps import Newcomer, approve, file, link_in, open_by_enter, open_review, register

REVIEWER, COLLEAGUE, DISTRICT = "wujiaochang@demo.test", "viewer@demo.test", "yangpu@demo.test"


@pytest.fixture
def filed(new_page: Callable[[], Page], mailbox: Mailbox) -> Newcomer:
    """A newcomer whose filing waits for 五角场街道."""
    newcomer, page = Newcomer(), new_page()
    register(page, mailbox, newcomer)
    file(page, newcomer)
    page.context.close()
    return newcomer


@pytest.fixture
def reviewer(page_of: Callable[[str], Page]) -> Page:
    page = page_of(REVIEWER)
    page.get_by_role("link", name="待办审核").first.click()
    return page


def test_several_filings_by_keyboard_and_the_keys_turned_off(reviewer: Page, filed: Newcomer):
    reviewer.reload()
    reviewer.keyboard.press("?")
    expect(reviewer.get_by_text("打开、关闭这个清单")).to_be_visible()
    look(reviewer, "desk-keys")
    reviewer.keyboard.press("?")
    expect(reviewer.get_by_text("打开、关闭这个清单")).to_be_hidden()
    for key in "jJ":
        reviewer.keyboard.press(key)
    second = reviewer.locator("table.desk tbody tr").nth(1)
    expect(second).to_have_class(re.compile("marked"))
    reviewer.keyboard.press("x")
    expect(second.get_by_role("checkbox")).to_be_checked()
    reviewer.keyboard.press("x")
    reviewer.keyboard.press("ArrowDown")
    reviewer.keyboard.press("k")
    expect(second).to_have_class(re.compile("marked"))
    reviewer.keyboard.press("Enter")
    place = reviewer.locator(".place")
    expect(place).to_contain_text("第 2 件，共", use_inner_text=True)
    look(reviewer, "review-place")
    reviewer.keyboard.press("n")
    expect(place).to_contain_text("第 3 件", use_inner_text=True)
    reviewer.keyboard.press("p")
    expect(place).to_contain_text("第 2 件", use_inner_text=True)

    reviewer.keyboard.press("r")
    opinion = reviewer.get_by_label("审批意见")
    expect(opinion).to_be_focused()
    reviewer.keyboard.type("napr")
    expect(opinion).to_have_value("napr")
    keys = reviewer.locator("summary", has_text="快捷键")
    keys.click()
    reviewer.get_by_label("键盘快捷键").uncheck()
    look(reviewer, "review-keys-off")
    keys.click()
    reviewer.keyboard.press("n")
    reviewer.reload()
    expect(place).to_contain_text("第 2 件", use_inner_text=True)
    reviewer.keyboard.press("n")
    expect(place).to_contain_text("第 2 件", use_inner_text=True)
    keys.click()
    expect(reviewer.get_by_label("键盘快捷键")).not_to_be_checked()
    reviewer.get_by_label("键盘快捷键").check()

    open_review(reviewer, filed.employer)
    expect(place).to_contain_text("第 1 件，共 1 件", use_inner_text=True)
    reviewer.keyboard.press("a")
    expect(reviewer.get_by_role("button", name="审核通过")).to_be_focused()
    reviewer.keyboard.press("Enter")
    expect(reviewer.locator("#messages")).to_contain_text(f"「{filed.employer}」已审核通过")


def test_a_filing_is_looked_at_and_decided_beside_the_list(reviewer: Page, filed: Newcomer):
    reviewer.goto("/reviews/")
    pane = reviewer.get_by_role("region", name="所选的申请")
    row = reviewer.locator("table.desk").get_by_role("row", name=filed.employer)
    expect(pane.get_by_role("button", name="从等待最久的开始")).to_be_visible()
    asked: list[str] = []
    reviewer.on("request", lambda request: asked.append(request.url) if "step=" in request.url else None)
    for _ in range(3):  # faster than anybody reads: only where one stays is looked at
        reviewer.keyboard.press("j")
    third = reviewer.locator("table.desk tbody tr").nth(2)
    expect(pane.get_by_role("heading", level=2).first).to_have_text(
        third.locator("td.name").inner_text().split("\n")[0]
    )
    assert len(asked) == 1
    expect(third).to_have_class(re.compile("marked"))

    row.get_by_role("link", name="审核").click()  # by the mouse as well; the page stays
    expect(pane).to_contain_text(filed.employer)
    look(reviewer, "desk-pane")
    picture(reviewer, "desk-pane")
    row.get_by_role("checkbox").check()
    pane.get_by_role("button", name="退回").click()
    expect(pane.get_by_role("alert")).to_contain_text("退回时必须填写审批意见")
    expect(pane.get_by_label("审批意见")).to_be_focused()
    look(reviewer, "desk-pane-refused")
    reviewer.keyboard.type("地址不详，请补充。")
    reviewer.once("dialog", lambda dialog: dialog.dismiss())  # what is typed is not lost by moving on
    pane.get_by_role("link", name="整页打开").focus()
    reviewer.keyboard.press("k")
    expect(row).to_have_class(re.compile("marked"))
    expect(pane.get_by_label("审批意见")).to_have_value("地址不详，请补充。")
    pane.get_by_role("button", name="退回").click()
    expect(reviewer.locator("#messages")).to_contain_text(f"「{filed.employer}」已退回")
    expect(row).to_have_count(0)
    expect(reviewer.locator("[data-tick-count]")).to_be_hidden()  # its tick has gone along
    expect(reviewer.locator("table.desk tr.marked .acts a")).to_be_focused()
    expect(pane).to_be_visible()

    reviewer.set_viewport_size({"width": 1100, "height": 900})
    expect(pane).to_be_hidden()
    reviewer.locator("table.desk tbody tr").first.get_by_role("link", name="审核").click()
    expect(reviewer.get_by_role("heading", name="自动核查")).to_be_visible()
    expect(reviewer).to_have_url(re.compile(r"/reviews/\d+/\?step="))


def test_filters_summary_export_and_what_was_decided(reviewer: Page, tmp_path: Path):
    chips = reviewer.get_by_role("navigation", name="按类型和等待时间筛选")
    chips.get_by_role("link", name="等待 5 天以上").click()
    chosen = chips.get_by_role("link", name="等待 5 天以上")
    expect(chosen).to_have_attribute("aria-current", "true")
    late = int(chosen.locator("b").inner_text())
    with reviewer.expect_download() as download:
        reviewer.get_by_role("button", name="导出", exact=True).click()
    path = tmp_path / "desk.xlsx"
    download.value.save_as(path)
    assert load_workbook(path).active.max_row == late + 1
    look(reviewer, "desk-late")
    reviewer.get_by_label("全选本页").check()
    expect(reviewer.locator("[data-tick-count]")).to_have_text(f"已选 {late} 件")
    reviewer.get_by_role("button", name="退回所选").click()
    look(reviewer, "desk-several")
    reviewer.get_by_role("button", name=f"退回 {late} 件").click()
    expect(reviewer.get_by_role("alert")).to_contain_text("退回时必须填写审批意见")
    look(reviewer, "desk-several-refused")
    reviewer.goto("/reviews/?q=没有这样的单位")
    look(reviewer, "desk-empty")
    reviewer.get_by_role("link", name="已审核").click()
    reviewer.get_by_label("审批结果").select_option("退回")
    reviewer.get_by_label("审批人").select_option("沈洁")
    reviewer.get_by_role("button", name="查询").click()
    expect(reviewer.locator("tbody tr").first).to_contain_text("退回")
    look(reviewer, "desk-done")


def test_a_colleague_stands_in_until_it_is_revoked(reviewer: Page, page_of: Callable[[str], Page], filed: Newcomer):
    reviewer.get_by_role("link", name="请假代办").click()
    look(reviewer, "covers-empty")
    reviewer.get_by_role("button", name="设置代办").click()
    expect(reviewer.get_by_role("alert")).to_contain_text("代办人")
    look(reviewer, "covers-mistakes")
    today = reviewer.get_by_label("开始日期").input_value()
    reviewer.get_by_label("代办人").select_option("俞晨")
    reviewer.get_by_label("结束日期").fill(today)
    reviewer.get_by_role("button", name="设置代办").click()
    expect(reviewer.locator("#messages")).to_contain_text("由俞晨代办")
    look(reviewer, "covers")
    picture(reviewer, "covers", height=620)

    colleague = page_of(COLLEAGUE)
    colleague.goto("/reviews/")
    expect(colleague.get_by_role("main")).to_contain_text("您正在代沈洁审核")
    look(colleague, "desk-standing-in")
    open_review(colleague, filed.employer)
    look(colleague, "review-standing-in")
    approve(colleague)
    colleague.goto(f"/reviews/?tab=done&q={filed.employer}")
    expect(colleague.locator("tbody")).to_contain_text("俞晨（代 沈洁）")
    colleague.get_by_role("link", name="查看").click()
    expect(colleague.get_by_role("main")).to_contain_text("俞晨（代 沈洁）")
    look(colleague, "review-decided-for-another")

    colleague.goto("/reviews/")
    open_by_enter(colleague.locator("tbody tr").first.get_by_role("link", name="审核"))
    reviewer.get_by_role("button", name="撤销 俞晨代沈洁").click()
    expect(reviewer.locator("#messages")).to_contain_text("已结束")
    colleague.get_by_role("button", name="审核通过").click()
    expect(colleague.get_by_role("alert")).to_contain_text("您代沈洁审核的期限已经结束")
    look(colleague, "review-cover-over")


def test_an_officer_leaves_and_somebody_new_takes_over(
    reviewer: Page, new_page: Callable[[], Page], mailbox: Mailbox, filed: Newcomer
):
    open_review(reviewer, filed.employer)
    reviewer.get_by_role("button", name="审核通过").click()
    reviewer.goto(f"/unions/?q={filed.employer}")
    reviewer.get_by_role("row", name=filed.employer).get_by_role("link", name="查看").click()
    reviewer.get_by_role("link", name="管理经办人").click()
    look(reviewer, "officers")
    reviewer.get_by_role("row", name=filed.email).get_by_role("link", name="管理").click()
    look(reviewer, "account-officer")
    reviewer.get_by_role("button", name="重设登录").click()
    expect(reviewer.locator("#messages")).to_contain_text("重设密码的邮件已发送")
    link_in(mailbox, filed.email, "重设了登录")
    reviewer.get_by_role("link", name="移交账号").click()
    reviewer.get_by_label("接任人邮箱").fill("successor@newcomer.test")
    reviewer.get_by_role("button", name="确认移交").click()
    expect(reviewer.get_by_role("alert")).to_contain_text("请填写接任人的姓名")
    look(reviewer, "hand-over-mistakes")
    reviewer.get_by_label("接任人姓名").fill("陶敏")
    picture(reviewer, "hand-over", height=760)
    reviewer.get_by_role("button", name="确认移交").click()
    expect(reviewer.locator("#messages")).to_contain_text("已移交给陶敏")
    look(reviewer, "officers-handed-over")
    mailbox.wait_for(filed.email, "已移交")

    successor = new_page()
    successor.goto(link_in(mailbox, "successor@newcomer.test", "接替"))
    successor.locator("#id_password1").fill(PASSWORD)
    successor.locator("#id_password2").fill(PASSWORD)
    successor.get_by_role("button", name="保存新密码").click()
    successor.wait_for_url("**/done/")
    sign_in_first(successor, "successor@newcomer.test")
    expect(successor.get_by_role("heading", level=1)).to_contain_text(filed.employer)

    old = new_page()
    old.goto("/accounts/login/")
    old.get_by_label("用户名").fill(filed.email)
    field(old, "密码").fill(PASSWORD)
    old.get_by_role("main").get_by_role("button", name="登录").click()
    expect(old.get_by_role("main")).to_contain_text("已停用")


def test_roles_of_a_colleague_and_ones_own_account(reviewer: Page):
    reviewer.get_by_role("link", name="账号管理").first.click()
    look(reviewer, "accounts")
    reviewer.get_by_role("link", name="管理 俞晨").click()
    look(reviewer, "account")
    picture(reviewer, "account", height=900)
    reviewer.get_by_label("查看人").uncheck()
    reviewer.get_by_role("button", name="保存角色").click()
    expect(reviewer.locator(".field-error")).to_be_visible()
    look(reviewer, "account-mistakes")
    reviewer.goto("/accounts/users/")
    reviewer.get_by_role("link", name="管理 沈洁").click()
    expect(reviewer.get_by_role("main")).to_contain_text("这是您自己的账号")
    look(reviewer, "account-own")


def test_a_district_sees_what_waits_below(page_of: Callable[[str], Page], tmp_path: Path):
    district = page_of(DISTRICT)
    district.goto("/reviews/")
    district.get_by_role("link", name="下级待办").click()
    look(district, "below")
    district.get_by_role("row", name="五角场街道工会").get_by_role("link", name="查看清单").click()
    look(district, "below-union")
    with district.expect_download() as download:
        district.get_by_role("button", name="导出", exact=True).click()
    path = tmp_path / "below.xlsx"
    download.value.save_as(path)
    assert load_workbook(path).active["D2"].value == "五角场街道工会"
    district.locator("tbody tr").first.get_by_role("link", name="查看").click()
    expect(district.get_by_role("main")).to_contain_text("等待五角场街道工会审核")
    expect(district.get_by_role("button", name="审核通过")).to_have_count(0)
    look(district, "review-from-above")
    district.get_by_role("link", name="组织管理").first.click()
    expect(district.get_by_role("columnheader", name="待审核工会")).to_be_visible()
    look(district, "tree-waiting")
