"""The manual's chapter on bookings, as an officer goes through it: a group is booked, changed, given up, and waits (SPEC 6.4, 6.6)."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from gonghui.demo_data.cast import UNION_A, UNION_B
from gonghui.kit.invent import invent_person
from tests.bookings import in_the_demo
from tests.journeys.pages import field, look, picture
from tests.stack import Demo


def boxes(page: Page) -> Locator:
    """Those that can be ticked on this page."""
    return page.locator("input[name=person]:enabled")


def row_of(page: Page, number: int) -> Locator:
    return page.locator("tbody tr").filter(has=page.locator("input[name=person]:enabled")).nth(number)


def ticked(page: Page, count: int) -> None:
    expect(page.locator("[data-tick-count]")).to_have_text(f"已选 {count} 人")


def said(page: Page, words: str) -> None:
    expect(page.locator("#messages")).to_contain_text(words)


def open_offer(page: Page, title: str) -> None:
    page.goto("/bookings/offers/")
    page.get_by_role("link", name=title).click()


def chosen(page: Page, title: str, people: int, *, session: int = 0) -> None:
    """So many members are ticked, and one of the sessions is chosen."""
    open_offer(page, title)
    for number in range(people):
        boxes(page).nth(number).check()
    page.get_by_role("button", name="下一步").click()
    page.locator("input[name=session]").nth(session).check()


def submit(page: Page) -> None:
    page.get_by_role("button", name="提交预约").click()
    page.wait_for_url(re.compile(r"/bookings/booked/\d+/$"))


def send(page: Page, button: str, *people: int) -> None:
    """Tick these of the booking's people, and press a button below them."""
    for number in people:
        boxes(page).nth(number).check()
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()


def test_a_group_with_a_guest_is_booked_once(page_of: Callable[[str], Page], stack: Demo):
    title = "天目山疗休养 5 日"
    in_the_demo.publish(stack, title, [6, 4], in_days=200)
    page = page_of(UNION_A.email)
    page.goto("/home/")
    page.get_by_role("navigation", name="主菜单", exact=True).get_by_role("link", name="疗休养体检预约平台").click()
    look(page, "offers")
    picture(page, "offers")
    page.get_by_role("link", name=title).click()
    boxes(page).nth(0).check()
    first = row_of(page, 0).locator(".name").inner_text()
    page.get_by_role("link", name="第 2 页").click()
    expect(page.locator(".pages [aria-current]")).to_have_text("2")
    boxes(page).nth(1).check()
    second = row_of(page, 1).locator(".name").inner_text()
    ticked(page, 2)
    look(page, "offer")
    picture(page, "offer")
    page.get_by_role("button", name="下一步").click()

    people = page.get_by_role("table", name="预约的会员")
    expect(people).to_contain_text(first)
    expect(people).to_contain_text(second)
    page.get_by_text("加家属").first.click()
    page.get_by_label("家属姓名").first.fill("李家属")
    page.get_by_label("与会员的关系").first.select_option("配偶")
    page.get_by_label("家属证件号码").first.fill("310110199001010011")
    page.locator("input[name=session]").nth(1).check()
    page.get_by_label("能报几人报几人").check()
    page.get_by_role("button", name="提交预约").click()
    expect(page.get_by_role("alert")).to_contain_text("家属「李家属」")
    expect(page.get_by_label("家属姓名").first).to_have_value("李家属")
    expect(page.locator("input[name=session]").nth(1)).to_be_checked()
    expect(page.get_by_label("能报几人报几人")).to_be_checked()
    look(page, "book-wrong")
    page.get_by_label("家属证件号码").first.fill(invent_person(1_400_001).resident_id)
    look(page, "book")
    picture(page, "book")
    page.get_by_role("button", name="提交预约").dblclick()
    page.wait_for_url(re.compile(r"/bookings/booked/\d+/$"))

    said(page, "已约上 3 人")
    expect(page.get_by_role("main")).to_contain_text("在册 3 人，共 3 人")
    expect(page.get_by_role("table")).to_contain_text("李家属")
    look(page, "booking")
    picture(page, "booking")
    page.get_by_role("link", name="本会预约").first.click()
    expect(page.get_by_role("row", name=title)).to_have_count(1)
    look(page, "booked")
    open_offer(page, title)
    ticked(page, 0)


def test_places_change_their_session_and_their_person_and_are_given_up(page_of: Callable[[str], Page], stack: Demo):
    title = "太湖疗休养 5 日"
    in_the_demo.publish(stack, title, [4, 3, 1], in_days=300)
    page = page_of(UNION_A.email)
    open_offer(page, title)
    colleague = row_of(page, 5).locator("td.num").first.inner_text()
    chosen(page, title, 3)
    submit(page)
    said(page, "已约上 3 人")
    booking = page.url

    send(page, "改班次", 0, 1)
    look(page, "booking-change")
    page.locator("input[name=session]").nth(1).check()
    page.get_by_role("button", name="确认改班次").click()
    expect(page.get_by_role("alert")).to_contain_text("原来的名额保持不变")
    look(page, "booking-change-no-room")
    page.locator("input[name=session]").nth(0).check()
    page.get_by_role("button", name="确认改班次").click()
    said(page, "2 人已改到")

    page.get_by_role("link", name="换人").first.click()
    field(page, "顶替会员的会员编号").fill("9999999999")
    page.get_by_role("button", name="确认换人").click()
    expect(page.locator(".field-error")).to_contain_text("没有这个会员编号")
    look(page, "booking-substitute")
    field(page, "顶替会员的会员编号").fill(colleague)
    page.get_by_role("button", name="确认换人").click()
    said(page, "顶替")
    expect(page.get_by_role("table")).to_contain_text("由他人顶替")

    send(page, "退出", 0)
    expect(page.get_by_role("main")).to_contain_text("截止时间以前退出不收费")
    look(page, "booking-withdraw")
    page.get_by_role("button", name="确认退出预约").click()
    said(page, "1 人已退出")

    in_the_demo.close(stack, title)
    page.goto(booking)
    send(page, "退出", 0)
    page.get_by_role("button", name="确认退出预约").click()
    expect(page.locator(".field-error")).to_have_count(2)
    look(page, "booking-withdraw-late")
    field(page, "退出原因").fill("生病住院")
    field(page, "费用处理").fill("车票 300 元由个人承担")
    page.get_by_role("button", name="确认退出预约").click()
    said(page, "1 人已退出")
    expect(page.get_by_role("table")).to_contain_text("费用：车票 300 元由个人承担")
    expect(page.get_by_role("button", name="改班次")).to_have_count(0)
    look(page, "booking-late")


def test_who_waits_takes_a_freed_place_in_time_and_a_stale_page_says_so(page_of: Callable[[str], Page], stack: Demo):
    title = "西塘疗休养 5 日"
    in_the_demo.publish(stack, title, [2], in_days=400)
    first, second = page_of(UNION_A.email), page_of(UNION_B.email)
    chosen(first, title, 2)
    submit(first)
    stale = first.context.new_page()
    stale.goto(first.url)
    boxes(stale).nth(0).check()

    chosen(second, title, 2)
    second.get_by_label("没有约上的人员候补").uncheck()
    second.get_by_role("button", name="提交预约").click()
    expect(second.get_by_role("alert")).to_contain_text("已经约满")
    second.get_by_label("没有约上的人员候补").check()
    second.get_by_label("候补可拆分").check()
    look(second, "book-full")
    submit(second)
    said(second, "候补 2 人")
    expect(second.get_by_role("main")).to_contain_text("第 1 位")
    look(second, "booking-waiting")

    send(first, "退出", 0)
    first.get_by_role("button", name="确认退出预约").click()
    said(first, "1 人已退出")
    stale.get_by_role("main").get_by_role("button", name="退出", exact=True).click()
    stale.get_by_role("button", name="确认退出预约").click()
    expect(stale.get_by_role("alert")).to_contain_text("已经退出")
    look(stale, "booking-stale")
    stale.close()

    second.goto("/bookings/booked/")
    expect(second.get_by_role("row", name=title)).to_contain_text("有名额，待确认")
    second.get_by_role("link", name=title).click()
    expect(second.get_by_role("main")).to_contain_text("有 1 个名额为您保留")
    look(second, "booking-offered")
    picture(second, "booking-offered")
    other = second.context.new_page()
    other.goto(second.url)
    second.get_by_role("button", name="确认名额").click()
    said(second, "已确认，名额已约上")
    expect(second.get_by_role("table")).to_contain_text("已约")
    other.get_by_role("button", name="确认名额").click()
    said(other, "无需再次操作")
    other.close()
