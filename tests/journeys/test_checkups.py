"""A 体检机构 binds its second factor, sees the day's roster of its own place, and marks who was there (SPEC 6.7)."""

from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import CLINIC
from tests.journeys.pages import PASSWORD, code_of, field, look, try_to_sign_in


def test_a_clinic_sees_its_roster_after_the_second_factor_and_marks_who_was_there(page: Page):
    try_to_sign_in(page, CLINIC.email)
    expect(page.get_by_role("main")).to_contain_text("要先启用动态口令，才能查看名单")
    page.goto("/bookings/roster/")  # nothing is seen before
    expect(page.get_by_role("heading", name="确认身份")).to_be_visible()
    field(page, "密码").fill(PASSWORD)
    page.get_by_role("button", name="确认").click()
    page.locator("#id_code").fill(code_of(page.locator("code.secret").inner_text()))
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_role("heading", name="恢复码")).to_be_visible()
    page.goto("/home/")
    page.wait_for_url("/bookings/roster/")
    expect(page.get_by_role("row")).to_have_count(21)  # a page, with its heading
    look(page, "clinic-roster")
    page.get_by_role("row").filter(has_text="已约").first.get_by_role("checkbox").check()
    page.get_by_role("button", name="已检", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("已登记 1 人已检")
    look(page, "clinic-marked")
