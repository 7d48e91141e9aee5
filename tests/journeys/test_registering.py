"""Chapters 1 and 2: an employer registers, proves its e-mail, files its union, and is approved by its street."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from tests.journeys.mailbox import Mailbox
from tests.journeys.pages import field, look

EMAIL, PASSWORD = "office@ruihe.test", "correct-horse-42-battery"


def test_an_employer_registers_files_and_is_approved(page: Page, page_of: Callable[[str], Page], mailbox: Mailbox):
    employer = _register(page)
    _prove_email(page, mailbox)
    _file(page, employer)
    street = page_of("wujiaochang@demo.test")
    _approve(street, employer)
    page.goto("/filings/")
    expect(page.get_by_role("main")).to_contain_text("审核通过")
    expect(page.get_by_role("main")).to_contain_text("经核对，同意。")
    look(page, "union-approved")
    assert "审核通过" in mailbox.wait_for(EMAIL, "审核通过")["Subject"]


def _register(page: Page) -> str:
    """Sign up with an employer that the statistical register knows; returns its name."""
    page.goto("/accounts/signup/")
    page.get_by_label("企业邮箱").fill(EMAIL)
    field(page, "密码").fill(PASSWORD)
    page.get_by_label("再次输入密码").fill(PASSWORD)
    page.get_by_label("单位名称").press_sequentially("瑞禾")
    suggestion = page.get_by_role("option").first
    expect(suggestion).to_contain_text("瑞禾")
    look(page, "signup-suggestions")
    suggestion.click()
    employer = page.get_by_label("单位名称").input_value()
    page.get_by_role("button", name="注册").click()
    expect(page.get_by_role("main")).to_contain_text("请验证邮箱")
    look(page, "signup-mail-sent")
    return employer


def _prove_email(page: Page, mailbox: Mailbox) -> None:
    text = mailbox.wait_for(EMAIL, "验证").get_content()
    page.goto(re.search(r"http://\S+", text)[0])
    look(page, "signup-confirm")
    page.get_by_role("button", name="确认").click()
    page.wait_for_url("**/home/")


def _file(page: Page, employer: str) -> None:
    """The form comes filled in from the register; the rest is typed."""
    page.goto("/filings/form/")
    look(page, "filing-entrances")
    page.get_by_role("link", name="区总工会所属单位").click()
    expect(page.get_by_label("单位名称")).to_have_value(employer)
    expect(page.get_by_label("统一社会信用代码")).not_to_have_value("")
    with page.expect_response("**/filings/superiors/**"):
        page.get_by_label("工会所属区总工会").select_option("杨浦区")
    streets = page.get_by_label("工会所属街镇")
    expect(streets.locator("option")).to_have_count(1 + 12)
    streets.select_option("五角场街道")
    page.get_by_label("建会日期").fill("2020-05-20")
    page.get_by_label("换届日期").fill(str(date.today() + timedelta(days=400)))  # noqa: DTZ011
    page.get_by_label("基层工会类型").select_option("单独基层工会")
    page.get_by_label("工会负责人").fill("苏建英")
    page.get_by_label("联系电话").fill("021-55501234")
    page.get_by_label("否", exact=True).check()
    look(page, "filing-form")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("main")).to_contain_text("待审核")
    look(page, "union-pending")


def _approve(page: Page, employer: str) -> None:
    page.goto("/reviews/")
    look(page, "desk")
    page.get_by_role("row").filter(has_text=employer).get_by_role("link", name="审核").click()
    expect(page.get_by_role("heading", name="自动核查")).to_be_visible()
    look(page, "review")
    page.get_by_label("审批意见").fill("经核对，同意。")
    page.get_by_role("button", name="审核通过").click()
    expect(page.get_by_role("main")).not_to_contain_text("您没有审核")
