"""What is wrong is said at its field, in our words, and the focus is there; the browser's own bubble never appears."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from gonghui.demo_data.cast import UNION_A, UNION_B
from tests.journeys.mailbox import Mailbox
from tests.journeys.pages import PHONE, look
from tests.journeys.steps import Newcomer, fill_filing, open_by_enter, register


def marked(page: Page, field: Locator, sentence: str) -> None:
    """The field has the sentence and the focus, and a screen reader reads them together."""
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    error = page.locator(".field-error")
    expect(error).to_have_text(sentence)
    described = field.get_attribute("aria-describedby")
    assert described
    assert error.get_attribute("id") in described.split()
    expect(page.get_by_role("alert")).to_contain_text(sentence)


def test_refusing_without_an_opinion_leads_to_the_opinion(page: Page, page_of: Callable[[str], Page], mailbox: Mailbox):
    newcomer = Newcomer()
    register(page, mailbox, newcomer)
    page.get_by_role("link", name="区总工会所属单位").click()
    fill_filing(page, newcomer)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("main")).to_contain_text("待审核")

    reviewer = page_of("wujiaochang@demo.test")
    reviewer.goto(f"/reviews/?q={newcomer.employer}")
    open_by_enter(reviewer.get_by_role("row", name=newcomer.employer).get_by_role("link", name="审核"))
    reviewer.get_by_role("button", name="退回").click()
    opinion = reviewer.get_by_label("审批意见")
    marked(reviewer, opinion, "退回时必须填写审批意见，说明需要修改什么。")
    look(reviewer, "review-opinion-missing")
    opinion.press_sequentially("请")
    expect(reviewer.locator(".field-error")).to_have_count(0)


def test_a_tick_that_is_missing_is_said_beside_it(page_of: Callable[[str], Page]):
    page = page_of(UNION_B.email)
    page.goto("/inspections/confirm/")
    page.get_by_role("button", name="已完成年检信息更新").click()
    marked(page, page.get_by_label("以上信息已核对无误"), "请核对下面的资料，然后勾选「以上信息已核对无误」。")
    look(page, "inspection-tick-missing")


def test_an_address_that_is_none_gets_no_second_mail(page: Page):
    page.goto("/accounts/confirm-email/")
    page.get_by_text("没有收到邮件？").click()
    page.get_by_role("button", name="重新发送").click()
    marked(page, page.locator("#resend-email"), "请填写邮箱，写成“name@example.com”的样子。")


def test_a_file_that_is_too_large_is_refused_when_it_is_chosen(page_of: Callable[[str], Page], tmp_path):
    page = page_of(UNION_A.email)
    page.goto("/imports/members/")
    big = tmp_path / "名册.xlsx"
    big.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    page.locator("input[type=file]").set_input_files(big)
    error = page.locator(".field-error")
    expect(error).to_contain_text("10 MB")
    expect(page.locator("input[type=file]")).to_be_focused()
    assert page.locator("input[type=file]").evaluate("field => field.files.length") == 0


@pytest.mark.parametrize(
    ("email", "address"),
    [("city@demo.test", "/accounts/users/new/"), ("union-06@demo.test", "/filings/relocate/?way=within")],
)
def test_the_summary_leads_into_each_field_and_no_bar_covers_it(
    page_of: Callable[[str], Page], email: str, address: str
):
    """Into the search box of a long list, and the first of boxes to tick; the buttons at the foot are in view all the time."""
    page = page_of(email)
    page.set_viewport_size(PHONE)
    page.goto(address)
    page.locator(".form-foot .btn-primary").click()
    links = page.locator(".error-summary a")
    expect(links.first).to_be_visible()
    for link in links.all():
        link.click()
        field = page.locator(".field-wrong :is(input, textarea):focus")
        expect(field).to_be_visible()
        foot = page.locator(".form-foot")
        expect(foot).to_be_in_viewport(ratio=1)
        box, bar = field.bounding_box(), foot.bounding_box()
        assert box
        assert bar
        assert box["y"] + box["height"] <= bar["y"]
