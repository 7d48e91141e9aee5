"""The search box, by keyboard alone: an officer, a street's reviewer, the city; and nothing of another scope."""

import re
from collections.abc import Callable
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from gonghui.kit.documents import mask_number
from tests.journeys.pages import look
from tests.journeys.steps import add_member, person

OFFICER, NEIGHBOUR, STREET, CITY = "union-a@demo.test", "union-b@demo.test", "wujiaochang@demo.test", "city@demo.test"
UNION, INITIALS = "上海示例科技有限公司工会", "shslkj"
NOBODY = "没有找到"


def typed(page: Page, text: str, *, opened_by: str = "/") -> Locator:
    """What is offered for the text, the box opened by a key."""
    page.keyboard.press(opened_by)
    expect(page.get_by_role("dialog").get_by_label("搜索工会")).to_be_focused()
    with page.expect_response(lambda answer: quote(text) in (answer.request.post_data or "")):
        page.keyboard.type(text)
    return page.locator("#find-results")


def entered(page: Page, text: str) -> Locator:
    """What Enter finds, members too."""
    typed(page, text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/find/?q=*")
    assert text not in page.url
    return page.get_by_role("main")


def test_a_member_is_found_by_the_whole_number_by_who_may_see_it_and_by_nobody_else(page_of: Callable[[str], Page]):
    someone, officer = person(), page_of(OFFICER)
    add_member(officer, someone)
    for email in (OFFICER, STREET, CITY):
        page = officer if email == OFFICER else page_of(email)
        hit = entered(page, someone.resident_id).get_by_role("link", name=someone.name)
        expect(hit).to_contain_text(mask_number(someone.resident_id))
    neighbour = page_of(NEIGHBOUR)
    answers = [
        re.sub(r"\d{17}[\dX]", "", entered(neighbour, number).inner_text())
        for number in (someone.resident_id, person().resident_id)
    ]
    assert NOBODY in answers[0]
    assert answers[0] == answers[1]


def test_a_union_is_found_by_its_initials_within_scope(page_of: Callable[[str], Page]):
    city = page_of(CITY)
    offered = typed(city, INITIALS, opened_by="Control+k")
    expect(offered.get_by_role("link", name=UNION).first).to_be_visible()
    look(city, "find")
    city.keyboard.press("ArrowDown")
    expect(offered.get_by_role("link").first).to_be_focused()
    city.keyboard.press("Enter")
    expect(city.get_by_role("heading", level=1)).to_contain_text(UNION)

    neighbour = page_of(NEIGHBOUR)
    expect(typed(neighbour, INITIALS).get_by_role("link", name=UNION)).to_have_count(0)


def test_commands_and_chapters_are_opened_from_the_box(page_of: Callable[[str], Page]):
    city, officer = page_of(CITY), page_of(OFFICER)
    for page, text, address in (
        (city, "开启年检", "**/inspections/windows/open/"),
        (officer, "新增会员", "**/members/add/"),
        (officer, "转出会员", "**/manual/transfers/**"),
    ):
        hit = typed(page, text, opened_by="Control+k").get_by_role("link", name=text).last  # from within a field too
        expect(hit).to_be_visible()
        page.keyboard.press("ArrowUp")  # from the field to the last: chapters stand below commands
        expect(hit).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url(address)
    officer.goto("/home/")
    expect(typed(officer, "开启年检").get_by_role("link", name="开启年检")).to_have_count(0)
