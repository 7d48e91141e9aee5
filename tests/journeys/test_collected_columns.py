"""The city requires 民族; an officer sees the gaps, and fills one by workbook (SPEC 3.10)."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils.timezone import localdate
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import UNION_C
from tests.journeys.pages import field, look
from tests.journeys.steps import add_member, fill_member, person
from tests.journeys.test_importing_members import fill, latest, template, under, upload


def decide(city: Page, choice: str) -> None:
    """From today on, by the form, the count and the confirmation."""
    city.goto("/policies/columns/")
    city.get_by_role("region", name="会员信息").get_by_role("link", name="修改").click()
    field(city, "从哪一天起执行").fill(localdate().isoformat())
    field(city, "民族").select_option(choice)
    look(city, f"columns-edit-{choice}")
    city.get_by_role("button", name="保存并统计").click()
    expect(city.get_by_role("button", name="确认执行")).to_be_visible(timeout=60_000)
    look(city, f"columns-draft-{choice}")
    city.get_by_role("button", name="确认执行").click()
    expect(city.locator("#messages")).to_contain_text("已确认")


@pytest.fixture
def city(page_of: Callable[[str], Page]) -> Iterator[Page]:
    """Afterwards it asks for nothing more: other journeys register members, too."""
    page = page_of("city@demo.test")
    yield page
    decide(page, "不收")


def gaps(officer: Page) -> int:
    """How many members lack it, as the inspection says."""
    officer.goto("/inspections/members/")
    line = officer.get_by_text("名会员没有填写民族")
    return int(re.search(r"(\d+)\s*名会员没有填写民族", line.inner_text())[1])


def test_the_city_requires_a_column_and_an_officer_fills_a_gap_by_workbook(
    city: Page, page_of: Callable[[str], Page], tmp_path: Path
):
    officer, known, new = page_of(UNION_C.email), person(), person()
    add_member(officer, known)
    city.get_by_role("link", name="组织管理").first.click()
    city.get_by_role("link", name="采集项目").click()
    look(city, "columns")
    decide(city, "必填")
    expect(city.get_by_role("row", name="民族")).to_contain_text("必填")

    fill_member(officer, new)
    officer.get_by_role("button", name="保存").click()
    expect(officer.get_by_role("main")).to_contain_text("请填写民族。")
    field(officer, "民族").select_option("汉族")
    officer.get_by_role("button", name="保存").click()
    expect(officer.locator("#messages")).to_contain_text("已新增会员")

    before = gaps(officer)
    look(officer, "columns-gaps")
    officer.get_by_role("listitem").filter(has_text="没有填写民族").get_by_role("link").click()
    expect(officer.get_by_role("main")).to_contain_text("没有填写：民族")

    officer.goto("/imports/members/")
    expect(latest(officer)).not_to_contain_text("处理中", timeout=60_000)
    path = fill(template(officer, tmp_path), [known])
    book = load_workbook(path)
    book.active[f"{under(book, '民族')}2"] = "回"
    book.save(path)
    upload(officer, path)
    officer.get_by_label("选择资料有变化").check()
    officer.get_by_role("button", name="确认导入所选").click()
    expect(latest(officer)).to_contain_text("修改 1 名会员的资料", timeout=60_000)
    assert gaps(officer) == before - 1
