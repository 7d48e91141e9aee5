"""The front page of each role says what waits, leads there, and goes down by working (SPEC 1.6)."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.journeys.mailbox import Mailbox
from tests.journeys.pages import look
from tests.journeys.steps import Newcomer, add_member, approve_filing, file, person, register

STREET, DISTRICT, CITY = "wujiaochang@demo.test", "yangpu@demo.test", "city@demo.test"


def figure(text: str) -> int:
    """「1,535 人」; nothing is 0."""
    return int(re.sub(r"\D", "", text) or 0)


def number(place: Locator) -> int:
    return figure(place.inner_text())


def test_a_new_union_s_steps_are_ticked_as_they_are_done_and_the_street_s_desk_goes_down(
    page: Page, page_of: Callable[[str], Page], mailbox: Mailbox
):
    newcomer, street = Newcomer(), page_of(STREET)
    register(page, mailbox, newcomer)
    file(page, newcomer)
    street.reload()
    waiting = number(street.locator(".headline-number"))
    row = street.get_by_role("row", name="工会填报")
    filings = number(row.get_by_role("cell").first)
    row.get_by_role("link").click()
    street.wait_for_url("**/reviews/?kind=filing")
    expect(street.locator("table.desk tbody tr")).to_have_count(filings)
    approve_filing(street, newcomer)
    street.goto("/home/")
    assert number(street.locator(".headline-number")) == waiting - 1

    page.goto("/home/")
    steps = page.locator(".first-steps li")
    expect(steps).to_have_text([re.compile(words) for words in ("导入会员", "核对会员人数", "申请办卡", "完成年检")])
    expect(page.locator(".first-steps .done")).to_have_count(0)
    look(page, "home-new-union")
    add_member(page, person())
    page.goto("/home/")
    expect(page.locator(".first-steps .done")).to_have_text([re.compile("导入会员"), re.compile("核对会员人数")])


def test_an_officer_s_worklist_leads_to_the_work_and_goes_down_by_it(page_of: Callable[[str], Page]):
    officer = page_of("union-a@demo.test")
    line = officer.locator(".work-line", has_text="会员转出申请待审核")
    before = number(line.locator(".work-count"))
    line.click()
    answerable = officer.locator("tbody tr", has=officer.locator("input[name=transfer]:enabled"))
    expect(answerable).to_have_count(before)
    answerable.first.get_by_role("link").first.click()
    officer.get_by_label("审批意见").fill("会员本人不同意转移。")
    officer.locator("button[value=refuse]").click()
    expect(officer.locator("#messages")).to_contain_text("已退回 1 名")
    officer.goto("/home/")
    expect(line.locator(".work-count")).to_contain_text(str(before - 1))


def test_the_city_and_a_district_see_what_waits_below_and_the_figures_equal_the_rows(page_of: Callable[[str], Page]):
    for email in (CITY, DISTRICT):
        page = page_of(email)
        table = page.locator("table.overview")
        for place in (0, 1, 2, 6):  # unions, members, those retained, what waits
            rows = table.locator(f"tbody td:nth-of-type({place + 1})").all_inner_texts()
            total = table.locator("tfoot td").nth(place).inner_text()
            assert sum(map(figure, rows)) == figure(total), (email, place)
        page.get_by_role("link", name="查看并提醒").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("下级待办")
        waiting = page.locator("td[data-label=待审核]").all_inner_texts()
        assert sum(map(figure, waiting)) == figure(page.locator(".figures .figure").first.inner_text())


def test_the_city_looks_at_the_days_it_has_decided(page_of: Callable[[str], Page]):
    city = page_of(CITY)
    city.get_by_role("link", name="组织管理").first.click()
    city.get_by_role("link", name="规则设定").first.click()
    expect(city.get_by_role("main")).to_contain_text("会员转移")
    look(city, "policies")
