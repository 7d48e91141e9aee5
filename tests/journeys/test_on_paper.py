"""SPEC 7.5: what is printed: no menu and nothing to click, tables in full with their head on every page, when and whose."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import UNION_A
from gonghui.kit.static import joined
from tests.journeys.steps import open_by_enter

REVIEWER = "wujiaochang@demo.test"
PAPER = Path(__file__).parents[2] / "var" / "screenshots" / "paper"
A4_WIDE = 1030
"""CSS pixels of an A4 sheet lying across between our margins; 703 when it stands."""
A4_HIGH = 703
GONE = (
    ".masthead, .side, .skip, .page-actions, .filters, .tabs, .pages, .footer, .btn, button, input:not([type=hidden])"
)
CLICKABLE = f"""[...document.querySelectorAll("{GONE}")]
    .filter(one => one.checkVisibility()).map(one => one.outerHTML)"""

UNBROKEN = """[...document.querySelectorAll("body *")]
    .filter(one => one.offsetHeight > 600 && getComputedStyle(one).breakInside !== "auto").map(one => one.className)"""


def union(page_of: Callable[[str], Page]) -> tuple[Page, list[str]]:
    page = page_of(UNION_A.email)
    page.goto("/filings/")
    return page, ["基层工会资料查看", "审批意见", "审批时间", "工会编号", "历史", "注册账号"]


def members(page_of: Callable[[str], Page]) -> tuple[Page, list[str]]:
    page = page_of(UNION_A.email)
    page.goto("/members/?size=100")
    return page, ["会员管理", "会员编号", "信息修改状态", "显示第 1 到第 100 条记录"]


def members_below(page_of: Callable[[str], Page]) -> tuple[Page, list[str]]:
    page = page_of(REVIEWER)
    page.goto("/members/?size=50")
    return page, ["会员管理", "所属工会", "信息修改状态"]


def member(page_of: Callable[[str], Page]) -> tuple[Page, list[str]]:
    page = page_of(UNION_A.email)
    page.goto("/members/")
    page.get_by_role("link", name="查看").first.click()
    return page, ["基本信息", "证件号码", "会籍记录", "加入方式"]


def review(page_of: Callable[[str], Page]) -> tuple[Page, list[str]]:
    page = page_of(REVIEWER)
    page.goto("/reviews/")
    open_by_enter(page.get_by_role("row", name="工会填报").first.get_by_role("link", name="审核"))
    return page, ["内容对照", "大统计库登记", "本次填报", "自动核查"]


@pytest.mark.parametrize("opened", [union, members, members_below, member, review])
def test_a_page_on_paper(opened, page_of):
    page, words = opened(page_of)
    printed(page, opened.__name__, words)
    expect(page.locator(".on-paper")).to_contain_text(
        re.compile(r"上海工会网上工作平台.*工会\s.*打印时间 20", re.DOTALL)
    )


def test_the_manual_on_paper(page: Page):
    page.goto("/manual/whole/")
    printed(page, "manual", ["操作手册", "1　注册与登录", "审核（上级工会）", "适用版本"])
    for picture in page.locator(".manual-text img").all():
        assert picture.evaluate("picture => picture.complete && picture.naturalWidth > 0"), "a picture is missing"


def test_narrow_styles_are_for_screens():
    """A sheet of paper is as narrow as a phone, and wants the table all the same."""
    style = joined(settings.PACKAGE / "static" / "gonghui.css")
    assert re.findall(r"@media \((?:max|min)-width.*", style) == []


def printed(page: Page, name: str, words: list[str]) -> None:
    """Print the page; what is on the sheet is all of it, and nothing that belongs to the screen."""
    page.emulate_media(media="print")
    across = page.locator(".grid th:nth-child(8)").count() > 0
    page.set_viewport_size({"width": A4_WIDE if across else A4_HIGH, "height": 900})
    for words_shown in words:
        expect(page.locator("body")).to_contain_text(words_shown, use_inner_text=True)
    assert page.evaluate(CLICKABLE) == [], "something to click is printed"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a column is cut off"
    assert page.evaluate(UNBROKEN) == [], "pushed to the next sheet as a whole"
    for head in page.locator("table.grid thead").all():
        assert head.evaluate("head => getComputedStyle(head).display") == "table-header-group"
    PAPER.mkdir(parents=True, exist_ok=True)
    sheet = page.pdf(path=PAPER / f"{name}.pdf", prefer_css_page_size=True)
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", sheet)
    assert box
    assert (float(box[1]) > float(box[2])) == across
