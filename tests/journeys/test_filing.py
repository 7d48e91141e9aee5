"""Chapter 2: a union files its particulars, and its superior reviews them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import PASSWORD
from tests.journeys.mailbox import Mailbox
from tests.journeys.pages import look, picture, sign_in_first
from tests.journeys.steps import Newcomer, approve, file, fill_filing, link_in, open_by_enter, open_review, register

REVIEWER, OPINION = "wujiaochang@demo.test", "单位地址与证照不一致，请按证照上的地址填写。"


@pytest.fixture
def officer(page: Page, mailbox: Mailbox, newcomer: Newcomer) -> Page:
    """The newcomer's browser, registered and signed in."""
    register(page, mailbox, newcomer)
    return page


def test_filing_returned_and_approved(
    officer: Page, page_of: Callable[[str], Page], mailbox: Mailbox, newcomer: Newcomer
):
    officer.get_by_role("link", name="区总工会所属单位").click()
    expect(officer.get_by_label("单位名称")).to_have_value(newcomer.employer)
    expect(officer.get_by_label("单位行政法人和其他组织统一社会信用代码")).to_have_value(newcomer.code)
    look(officer, "filing-from-register")
    fill_filing(officer, newcomer)
    picture(officer, "filing-form")
    officer.get_by_label("工会负责人").fill("")
    officer.get_by_role("button", name="保存草稿").click()
    expect(officer.locator("#messages")).to_contain_text("草稿已保存")

    officer.goto("/filings/")
    look(officer, "union-unfiled")
    officer.get_by_role("main").get_by_role("link", name="继续填写草稿").first.click()
    expect(officer.locator("#id_superior option:checked")).to_have_text("五角场街道")
    expect(officer.get_by_label("联系电话")).to_have_value("19900001234")
    officer.get_by_label("单位行政法人和其他组织统一社会信用代码").fill(
        newcomer.code[:-1] + ("1" if newcomer.code[-1] != "1" else "2")
    )
    officer.get_by_label("换届日期").fill("2016-01-01")
    officer.get_by_role("button", name="提交").click()
    summary = officer.get_by_role("alert")
    expect(summary).to_contain_text("有 3 处需要修改")
    expect(summary).to_be_focused()
    look(officer, "filing-mistakes")
    summary.get_by_role("link", name="工会负责人").click()
    expect(officer.get_by_label("工会负责人")).to_be_focused()

    fill_filing(officer, newcomer)
    officer.get_by_role("button", name="提交").dblclick()
    expect(officer.get_by_role("heading", name="基层工会资料查看")).to_be_visible()
    expect(officer.get_by_role("main")).to_contain_text("待审核")
    expect(officer.get_by_role("link", name="提交工会填报")).to_have_count(1)
    look(officer, "union-pending")

    reviewer = page_of(REVIEWER)
    open_review(reviewer, newcomer.employer)
    look(reviewer, "review-filing")
    reviewer.get_by_role("button", name="退回", exact=True).click()
    expect(reviewer.get_by_role("alert")).to_contain_text("意见")
    reviewer.get_by_label("审批意见").fill(OPINION)
    reviewer.get_by_role("button", name="退回", exact=True).click()
    expect(reviewer.locator("#messages")).to_contain_text("已退回")

    assert OPINION in mailbox.wait_for(newcomer.email, "退回修改").get_content()
    officer.goto("/home/")
    expect(officer.get_by_role("main")).to_contain_text(OPINION)
    look(officer, "home-returned")
    officer.get_by_role("main").get_by_role("link", name="修改填报").click()
    expect(officer.get_by_role("main")).to_contain_text(OPINION)
    look(officer, "filing-returned")
    officer.get_by_label("单位地址").fill("上海市杨浦区示例路2号")
    officer.get_by_role("button", name="提交").click()
    expect(officer.get_by_role("heading", name="基层工会资料查看")).to_be_visible()

    open_review(reviewer, newcomer.employer)
    marked = reviewer.locator("mark")
    expect(marked).to_have_text(["上海市杨浦区示例路2号"])
    look(reviewer, "review-second-round")
    picture(reviewer, "review")
    reviewer.get_by_role("button", name="经核实，信息属实。").click()
    approve(reviewer)

    mailbox.wait_for(newcomer.email, "审核通过")
    officer.goto("/filings/")
    for words in ("审核通过", "审批意见", "经核实，信息属实。", "审批人", "沈洁", "审批时间", "工会编号", "010"):
        expect(officer.get_by_role("main")).to_contain_text(words)
    look(officer, "union-approved")
    picture(officer, "union-approved")
    officer.get_by_role("link", name="通知").first.click()
    expect(officer.get_by_role("main")).to_contain_text("退回修改")
    look(officer, "notices")


def test_a_code_in_use_is_refused_with_the_way_out(
    officer: Page, new_page: Callable[[], Page], mailbox: Mailbox, newcomer: Newcomer
):
    file(officer, newcomer)
    another = Newcomer()
    page = new_page()
    register(page, mailbox, another)
    another.code = newcomer.code
    page.get_by_role("link", name="区总工会所属单位").click()
    fill_filing(page, another)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert")).to_contain_text("代码")
    look(page, "filing-code-in-use")


def test_the_bureau_s_entrance_leads_to_its_company_union(
    officer: Page, page_of: Callable[[str], Page], newcomer: Newcomer
):
    officer.goto("/filings/form/")
    look(officer, "entrances")
    picture(officer, "entrances", height=420)
    file(officer, newcomer, level2="机电", level3="动力设备")
    expect(officer.get_by_role("main")).to_contain_text("动力设备公司工会")
    street = page_of(REVIEWER)
    street.goto(f"/reviews/?q={newcomer.employer}")
    expect(street.get_by_role("main")).to_contain_text("没有符合条件的申请")
    open_review(page_of("company@demo.test"), newcomer.employer)


def test_what_is_withdrawn_can_be_filed_again(officer: Page, newcomer: Newcomer):
    file(officer, newcomer)
    officer.get_by_role("button", name="撤回填报").click()
    expect(officer.locator("#messages")).to_contain_text("已撤回")
    officer.get_by_role("main").get_by_role("link", name="填报").first.click()
    expect(officer.get_by_label("工会负责人")).to_have_value(newcomer.leader)


def test_several_at_once_one_after_the_other_and_two_reviewers(
    new_page: Callable[[], Page], page_of: Callable[[str], Page], mailbox: Mailbox
):
    unions = [Newcomer() for _ in range(3)]
    for union in unions:
        page = new_page()
        register(page, mailbox, union)
        file(page, union, level2="机电", level3="动力设备")
        page.context.close()
    reviewer = page_of("company@demo.test")
    colleague = invite(reviewer, new_page(), mailbox)
    reviewer.get_by_role("link", name="待办审核").first.click()
    look(reviewer, "desk")
    picture(reviewer, "desk", height=620)
    for union in unions[:2]:
        reviewer.get_by_label(f"选择 {union.employer}").check()
    reviewer.get_by_role("button", name="通过所选").click()
    look(reviewer, "desk-several-asked")
    reviewer.get_by_role("button", name="通过 2 件").click()
    expect(reviewer.get_by_role("main")).to_contain_text("待生效")
    expect(reviewer.get_by_role("row", name=unions[0].employer)).to_be_hidden()
    look(reviewer, "desk-bulk-waits")
    reviewer.get_by_role("button", name="撤回决定").click()
    expect(reviewer.locator("#messages")).to_contain_text("2 件申请回到待审核")
    for union in unions[:2]:
        reviewer.get_by_label(f"选择 {union.employer}").check()
    reviewer.get_by_role("button", name="通过所选").click()
    reviewer.get_by_role("button", name="通过 2 件").click()
    reviewer.get_by_role("button", name="立即生效").click()
    expect(reviewer.locator("#messages")).to_contain_text("已要求立即生效")  # else the next address cuts it off
    reviewer.goto("/reviews/?tab=done")
    for _ in range(240):  # a busy machine is no bug
        if all(reviewer.get_by_role("row", name=union.employer).count() for union in unions[:2]):
            break
        reviewer.wait_for_timeout(250)
        reviewer.reload()
    expect(reviewer.get_by_role("row", name=unions[0].employer)).to_contain_text("审核通过")

    open_review(colleague, unions[2].employer)
    reviewer.goto("/reviews/")
    open_by_enter(reviewer.get_by_role("row", name=unions[2].employer).get_by_role("link", name="审核"))
    reviewer.get_by_role("button", name="审核通过").click()
    expect(reviewer.locator("#messages")).to_contain_text(f"「{unions[2].employer}」已审核通过")
    expect(reviewer.get_by_role("heading", level=1)).to_contain_text("待审核")  # the next one follows
    colleague.get_by_label("审批意见").fill("请再核对。")
    colleague.get_by_role("button", name="退回", exact=True).click()
    expect(colleague.get_by_role("main")).to_contain_text("审核通过")
    look(colleague, "review-too-late")


def invite(admin: Page, page: Page, mailbox: Mailbox) -> Page:
    """A second reviewer of the administrator's union, signed in in the other browser."""
    email = "colleague@company.test"
    admin.get_by_role("link", name="账号管理").first.click()
    look(admin, "accounts")
    admin.get_by_role("link", name="新增账号").click()
    admin.get_by_label("邮箱").fill(email)
    admin.get_by_label("姓名").fill("陶敏")
    admin.get_by_label("审核人").check()
    look(admin, "account-new")
    admin.get_by_role("button", name="开通并发送邮件").click()
    expect(admin.get_by_role("row", name=email)).to_be_visible()
    page.goto(link_in(mailbox, email, "设置密码"))
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.get_by_role("button", name="保存新密码").click()
    page.wait_for_url("**/done/")
    sign_in_first(page, email)
    return page
