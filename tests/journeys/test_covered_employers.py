"""涵盖单位 of a joint union: two by hand, thirty by workbook with an error that is mended; the street sees them."""

from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import JOINT, OTHER_JOINT, STORIES
from gonghui.demo_data.employers import employer_of
from gonghui.kit.invent import invent_employer_name, invent_uscc
from tests.journeys.pages import look
from tests.journeys.test_importing_members import latest, template, under, upload

NAME = f"{employer_of(STORIES.index(JOINT), JOINT).name}工会"
FIRST = 4_600
"""Where the seeds of these employers begin."""


def add(page: Page, seed: int) -> None:
    page.get_by_role("link", name="登记涵盖单位").first.click()
    page.get_by_label("统一社会信用代码").fill(invent_uscc(seed))
    page.get_by_label("单位名称").fill(invent_employer_name(seed))
    page.get_by_label("职工人数").fill("35")
    page.get_by_role("button", name="保存").click()


def fill(path: Path, wrong_row: int) -> Path:
    """Thirty employers; the head count in ``wrong_row`` is none."""
    book = load_workbook(path)
    sheet = book.active
    for row, seed in enumerate(range(FIRST + 2, FIRST + 32), 2):
        values = {"统一社会信用代码": invent_uscc(seed), "单位名称": invent_employer_name(seed), "职工人数": 20}
        for heading, value in values.items():
            sheet[f"{under(book, heading)}{row}"] = "二十" if row == wrong_row and value == 20 else value
    book.save(path)
    return path


def test_a_joint_union_lists_whom_it_covers_and_nobody_else_does(page_of: Callable[[str], Page], tmp_path: Path):
    page = page_of(JOINT.email)
    page.get_by_role("link", name="组织管理").first.click()
    look(page, "covered-own-union")
    page.get_by_role("link", name="登记和查看").click()
    for seed in (FIRST, FIRST + 1):
        add(page, seed)
        expect(page.locator("#messages")).to_contain_text("已登记")
    look(page, "covered-employers")
    page.get_by_role("link", name=f"修改 {invent_employer_name(FIRST + 1)}").click()
    look(page, "covered-employer")
    page.get_by_label("职工人数").fill("36")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#messages")).to_contain_text("立即生效")

    page.get_by_role("link", name="模板导入").click()
    upload(page, fill(template(page, tmp_path), wrong_row=9))
    expect(page.get_by_role("main")).to_contain_text("检查出 1 处错误")
    expect(page.get_by_role("main")).to_contain_text("职工人数应为 1 至 1,000,000 的整数")
    look(page, "covered-import")
    page.get_by_role("link", name="在页面上修改").click()
    page.get_by_label("第 9 行，职工人数").fill("20")
    page.get_by_role("button", name="保存并重新检查").click()
    page.get_by_role("button", name="确认导入 30 家").click()
    page.goto("/imports/covered/")
    expect(latest(page)).to_contain_text("导入成功", timeout=60_000)
    expect(latest(page)).to_contain_text("登记涵盖单位 30 家")

    total = JOINT.covers + 32
    street = page_of("wujiaochang@demo.test")
    page.goto("/filings/coverage/")
    expect(page.get_by_role("main")).to_contain_text(f"共 {total} 家")
    street.goto(f"/unions/?q={NAME}")
    street.get_by_role("row", name=NAME).get_by_role("link").first.click()
    street.get_by_role("region", name="涵盖单位").get_by_role("link", name="查看").click()
    expect(street.get_by_role("main")).to_contain_text(f"共 {total} 家")
    expect(street.get_by_role("link", name="登记涵盖单位")).to_have_count(0)
    look(street, "covered-employers-of-a-union")

    other = page_of(OTHER_JOINT.email)
    other.goto("/filings/coverage/")
    add(other, FIRST)
    expect(other.locator(".field-error").first).to_contain_text("这家单位已由另一家工会涵盖")
    look(other, "covered-employer-refused")
