"""A workbook with twenty errors is mended in its grid: the same error at once, blocks from a spreadsheet, by keyboard."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from gonghui.demo_data.cast import UNION_C
from gonghui.kit.invent import InventedPerson
from tests.journeys.pages import DESK, PHONE, look, picture
from tests.journeys.steps import person
from tests.journeys.test_importing_members import fill, latest, template, under, upload
from tests.stack import Demo

GOOD = 4
UNKNOWN_EDUCATION, UNKNOWN_LEVEL, WRONG_MOBILE, WRONG_NUMBER = range(2, 8), range(8, 12), range(12, 17), range(17, 22)


def misread(number: str) -> str:
    return number[:-1] + ("1" if number[-1] != "1" else "2")


@pytest.fixture
def people() -> list[InventedPerson]:
    return [person() for _ in range(20 + GOOD)]


@pytest.fixture
def grid(page_of: Callable[[str], Page], tmp_path: Path, people: list[InventedPerson]) -> Iterator[Page]:
    """The page on which twenty rows have an error each, and four none; row 2 is the first of ``people``."""
    page = page_of(UNION_C.email)
    page.goto("/imports/members/")
    expect(latest(page)).not_to_contain_text("处理中", timeout=60_000)
    path = fill(template(page, tmp_path), people)
    book = load_workbook(path)
    wrong = [
        ("学历", UNKNOWN_EDUCATION, lambda row: "博士后"),
        ("技术等级", UNKNOWN_LEVEL, lambda row: "很高"),
        ("移动电话", WRONG_MOBILE, lambda row: f"0215555{row}"),
        ("证件号码", WRONG_NUMBER, lambda row: misread(people[row - 2].resident_id)),
    ]
    for heading, rows, text in wrong:
        for row in rows:
            book.active[f"{under(book, heading)}{row}"] = text(row)
    book.save(path)
    upload(page, path)
    expect(page.get_by_role("main")).to_contain_text("检查出 20 处错误")
    page.get_by_role("link", name="在页面上修改").click()
    page.wait_for_load_state()
    yield page
    page.goto("/imports/members/")
    if "导入成功" not in latest(page).inner_text():  # five may wait, and other tests want some of them
        latest(page).get_by_role("link", name="查看").click()
        page.get_by_text("放弃本次导入").click()
        page.get_by_role("button", name="确认放弃").click()


def cell(page: Page, row: int, heading: str):
    return page.get_by_label(f"第 {row} 行，{heading}", exact=True)


def paste(page: Page, text: str) -> None:
    """As by Ctrl-V, of what was copied in a spreadsheet, into the field that has the focus."""
    page.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
            document.activeElement.dispatchEvent(paste);
        }""",
        text,
    )


def test_twenty_errors_are_mended_and_taken_in(grid: Page, people: list[InventedPerson]):
    assert grid.evaluate("document.documentElement.scrollHeight") <= DESK["height"] * 1.5
    count, told = grid.locator("#mending-count"), grid.locator("#mending-told")
    expect(count).to_have_text("已改 0 格，本页还有 20 处")
    look(grid, "import-mend")
    picture(grid, "import-mend", height=760)

    together = grid.get_by_label("把这 6 行的“学历”都改为")
    together.select_option("博士研究生")
    expect(count).to_have_text("已改 6 格，本页还有 14 处")
    expect(cell(grid, 7, "学历")).to_have_value("博士研究生")
    grid.get_by_role("button", name="撤回").first.click()
    expect(cell(grid, 7, "学历")).to_have_value("博士后")
    together.select_option("博士研究生")
    grid.get_by_label("把这 4 行的“技术等级”都改为").select_option("不填（留空）")

    # A block of two columns, of which the second is right already; then one with more lines than there are rows.
    cell(grid, 12, "移动电话").focus()
    mobiles = [people[row - 2].mobile for row in WRONG_MOBILE]
    paste(grid, "".join(f"{mobile}\t大学本科\r\n" for mobile in mobiles))
    expect(told).to_have_text("已粘贴 5 格。5 格本来没有错误，没有改。")
    expect(cell(grid, 16, "移动电话")).to_have_value(mobiles[-1])
    expect(cell(grid, 16, "学历")).to_have_value("")
    grid.get_by_role("button", name="撤回粘贴").click()
    expect(cell(grid, 16, "移动电话")).to_have_value("021555516")
    cell(grid, 12, "移动电话").focus()
    paste(grid, "\n".join(mobiles))
    cell(grid, 16, "移动电话").focus()
    paste(grid, f"{mobiles[-1]}\n19900000000\n")
    expect(told).to_contain_text("已粘贴 1 格。1 格超出了这一页的表格")
    cell(grid, 21, "证件号码").fill(people[19].resident_id)
    grid.get_by_label("不导入第 17 行").check()
    expect(count).to_have_text("已改 16 格，不导入 1 行，本页还有 3 处")
    look(grid, "import-mend-together")

    grid.keyboard.press("Control+Enter")
    expect(grid.locator("#messages")).to_contain_text("已保存并重新检查，还有 3 处错误")
    for row in (18, 19, 20):
        cell(grid, row, "证件号码").fill(people[row - 2].resident_id)
    grid.get_by_role("button", name="保存并重新检查").click()
    grid.get_by_role("button", name="确认导入 23 人").click()
    expect(latest(grid)).to_contain_text("导入成功", timeout=60_000)
    expect(latest(grid)).to_contain_text("新增会员 23 人")


def test_keys_lead_from_one_cell_that_wants_it_to_the_next(grid: Page, people: list[InventedPerson]):
    expect_focus = lambda row, heading: expect(cell(grid, row, heading)).to_be_focused()  # noqa: E731
    cell(grid, 12, "移动电话").focus()
    expect(grid.locator("#mending-why")).to_contain_text("第 12 行，移动电话：移动电话应为 11 位")
    grid.keyboard.type("19900001234")
    grid.keyboard.press("Enter")
    expect_focus(13, "移动电话")
    grid.keyboard.press("Shift+Tab")
    expect_focus(12, "移动电话")
    for key, row in (("Tab", 13), ("ArrowDown", 14), ("ArrowUp", 13)):
        grid.keyboard.press(key)
        expect_focus(row, "移动电话")
    grid.keyboard.press("End")
    grid.keyboard.press("ArrowRight")
    expect_focus(13, "学历")  # a right cell may be changed too
    grid.keyboard.press("ArrowLeft")
    expect_focus(13, "移动电话")
    cell(grid, 12, "移动电话").focus()
    grid.keyboard.press("Escape")
    expect(grid.locator("#mending-count")).to_have_text("已改 0 格，本页还有 20 处")
    grid.get_by_label("不导入第 13 行").check()
    grid.keyboard.press("Shift+Tab")
    cell(grid, 12, "移动电话").focus()
    grid.keyboard.press("Enter")
    expect_focus(14, "移动电话")  # what is left out wants nothing
    grid.get_by_role("button", name="放弃修改").click()
    expect(grid.get_by_label("不导入第 13 行")).not_to_be_checked()


def test_a_number_shows_itself_in_the_cell_with_the_focus_alone(grid: Page, people: list[InventedPerson]):
    number = cell(grid, 17, "证件号码")
    mask = grid.locator("#row-17 [data-key=document_number] .mask")
    expect(mask).to_be_visible()
    number.focus()
    expect(mask).to_be_hidden()
    grid.keyboard.press("Tab")
    expect(mask).to_be_visible()
    assert people[0].resident_id not in grid.content()


def test_on_a_phone_each_row_is_a_card_with_what_is_wrong(grid: Page):
    grid.set_viewport_size(PHONE)
    expect(grid.locator("#row-12 .why")).to_be_visible()
    expect(cell(grid, 12, "工会职务")).to_be_hidden()
    expect(grid.get_by_role("button", name="保存并重新检查")).to_be_in_viewport()
    assert cell(grid, 12, "移动电话").bounding_box()["height"] >= 44  # type: ignore[index]
    look(grid, "import-mend-phone")


def test_without_scripts_it_is_a_form(grid: Page, browser: Browser, stack: Demo, people: list[InventedPerson]):
    context = browser.new_context(base_url=stack.address, locale="zh-CN", java_script_enabled=False)
    context.add_cookies(grid.context.cookies())
    plain = context.new_page()
    plain.goto(grid.url)
    expect(plain.locator("#row-12 .why")).to_be_visible()
    plain.get_by_label("把这 6 行的“学历”都改为").select_option("初中")
    cell(plain, 12, "移动电话").fill("19900001234")
    plain.get_by_label("不导入第 17 行").check()
    plain.get_by_role("button", name="保存并重新检查").click()
    expect(plain.locator("#messages")).to_contain_text("还有 12 处错误")
    context.close()


def test_the_workbook_may_be_dropped(page_of: Callable[[str], Page]):
    page = page_of(UNION_C.email)
    page.goto("/imports/members/")
    drop = """(place, names) => {
        const dataTransfer = new DataTransfer();
        for (const name of names) dataTransfer.items.add(new File(["x"], name));
        for (const type of ["dragover", "drop"]) place.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }"""
    place, chosen = page.locator("[data-drop]"), page.locator("input[type=file]")
    place.evaluate(drop, ["一.xlsx", "二.xlsx"])
    expect(page.locator(".field-error")).to_contain_text("一次只能上传一个文件")
    place.evaluate(drop, ["会员.xlsx"])
    expect(page.locator(".field-error")).to_have_count(0)
    assert chosen.evaluate("field => field.files[0].name") == "会员.xlsx"
    look(page, "import-dropped")
