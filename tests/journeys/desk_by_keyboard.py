"""How a reviewer decides what waits, without the mouse: what no check doubts at once, the rest one after the other."""

from playwright.sync_api import Page, expect

from tests.journeys.pages import tab_to

SENT_BACK = "单位名称与营业执照不符，请更正。"
REFUSED_EVERY = 4
"""Of those that are looked at one by one, each so many-th is sent back."""
LONG = 120_000
"""Milliseconds for many filings on a busy machine."""
QUICKER = """() => addEventListener("htmx:afterSwap", () => document.body.dispatchEvent(
    new KeyboardEvent("keydown", { key: "a", bubbles: true })), { once: true, capture: true })"""
"""Press A as soon as the next request stands there, before the page has settled."""


def decide_all(page: Page, *, clean: int, doubtful: int) -> None:
    """From the front page on, signed in, with so many of both on the desk and nothing else."""
    tab_to(page, page.get_by_role("link", name="核查无疑点的"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/reviews/?no_doubts=1")
    page.keyboard.press("s")
    expect(page.locator("[data-tick-count]")).to_have_text(f"已选 {clean} 件")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"通过 {clean} 件")).to_be_focused(timeout=LONG)
    page.keyboard.press("Enter")
    expect(page.locator("#bulks")).to_contain_text("待生效")
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("已要求立即生效")
    tab_to(page, page.get_by_role("link", name=f"待审核（{doubtful}）"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/reviews/")
    page.keyboard.press("j")
    expect(page.locator("#pane:not([inert]) .pane-body")).to_be_visible()
    page.evaluate(QUICKER)
    decide_one(page)
    expect(page.locator('#pane [data-key="a"]')).to_be_focused()
    for number in range(1, doubtful):
        decide_one(page, refuse=number % REFUSED_EVERY == REFUSED_EVERY - 1)
    expect(page.locator("#pane")).to_contain_text("没有更多待审核的申请了")


def decide_one(page: Page, *, refuse: bool = False) -> None:
    """The request beside the list; the next one then stands there, or none."""
    body = page.locator("#pane:not([inert]) .pane-body")
    expect(body).to_be_visible()
    step = body.get_attribute("data-step")
    if refuse:
        page.keyboard.press("r")
        page.keyboard.type(SENT_BACK)
        tab_to(page, page.locator("#pane").get_by_role("button", name="退回"))
    else:
        page.keyboard.press("a")
    page.keyboard.press("Enter")
    expect(page.locator(f'#pane .pane-body[data-step="{step}"]')).to_have_count(0)
