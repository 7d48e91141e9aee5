"""The charts of 「统计分析」: drawn from the tables below them, leading where these lead, and none without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.pages import PHONE, look

BELOW, PARTS, MONTHS = "各下级工会的会员变动", "会员按性别", "各月末的会员"


@pytest.fixture
def city(page_of: Callable[[str], Page]) -> Page:
    """The city's page; `problems` refuses any word of the content policy or a script."""
    page = page_of("city@demo.test")
    page.goto("/statistics/?by=sex")
    return page


def chart(page: Page, caption: str) -> Locator:
    return page.get_by_role("img", name=f"{caption}：")


def drawn(of: Locator) -> list[str]:
    """What stands in a chart: the names of its bars, and their numbers."""
    return of.locator("svg text").all_text_contents()


def test_a_chart_has_a_bar_for_each_row_with_the_number_of_the_row(city: Page):
    for caption in (BELOW, PARTS):
        rows = city.get_by_role("table", name=caption).locator("tbody tr")
        texts = drawn(chart(city, caption))
        for row in rows.all()[:20]:
            shown = row.locator("td[data-label=期末] b")
            assert (shown.locator("a").first if shown.locator("a").count() else shown).inner_text() in texts
            assert row.locator("td").first.inner_text().strip() in texts
        legend = {PARTS: 2}.get(caption, 0)
        assert len(texts) == 2 * min(rows.count(), 20) + legend
    expect(chart(city, MONTHS)).to_be_visible()


def test_a_bar_leads_where_its_row_leads(city: Page):
    row = city.get_by_role("table", name=BELOW).locator("tbody tr").first
    link = row.get_by_role("link").first.get_attribute("href")
    figure = chart(city, BELOW)
    figure.scroll_into_view_if_needed()
    figure.click(position={"x": 200, "y": 16})
    city.wait_for_url(f"**{link}")


def test_a_bar_is_chosen_by_keyboard_and_says_both_numbers(city: Page):
    figure = chart(city, PARTS)
    link = city.get_by_role("table", name=PARTS).locator("tbody tr").nth(1).locator("td[data-label=期末] a")
    href = link.get_attribute("href")
    figure.focus()
    city.keyboard.press("ArrowDown")
    city.keyboard.press("ArrowDown")
    tip = city.locator(".chart-tip", has_text="女会员")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("占 100.0%")
    expect(city.locator("#announcer")).to_contain_text("女会员")
    city.keyboard.press("Enter")
    city.wait_for_url(f"**{href}")


def test_a_chart_is_as_wide_as_the_screen_and_the_paper(city: Page):
    figure = chart(city, BELOW)
    for width in (PHONE["width"], 1440):
        city.set_viewport_size({"width": width, "height": 900})
        expect(figure.locator("svg")).to_have_attribute("width", str(figure.evaluate("one => one.clientWidth")))
    city.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(figure.locator("svg")).to_have_attribute("width", "640")
    city.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(figure.locator("svg")).to_have_attribute("width", str(figure.evaluate("one => one.clientWidth")))
    look(city, "statistics-charts")


def test_without_javascript_the_tables_say_it_all(city: Page, browser: Browser):
    state = city.context.storage_state()
    context = browser.new_context(storage_state=state, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(city.url)
    expect(page.get_by_role("table", name=BELOW)).to_be_visible()
    expect(page.get_by_role("table", name=MONTHS)).to_be_visible()
    expect(page.locator(".drawn-chart, figure")).to_have_count(0)
    context.close()


def test_a_drawing_never_widens_its_page(page_of: Callable[[str], Page]):
    """Not even in the moment before it is drawn anew, here made endless: nobody is told of a new size."""
    page = page_of("city@demo.test")
    page.add_init_script("window.ResizeObserver = class { observe() {} unobserve() {} disconnect() {} }")
    page.goto("/statistics/?by=sex")
    drawing = chart(page, PARTS).locator("svg")
    expect(drawing).to_be_visible()
    wide = drawing.evaluate("one => one.clientWidth")
    page.set_viewport_size({"width": 320, "height": 640})
    assert drawing.evaluate("one => one.clientWidth") == wide > 320
    assert page.evaluate("document.documentElement.scrollWidth") == 320
