"""The city's code lists, from the page 「代码表」 to an officer's form and workbook (SPEC 5.4)."""

from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import UNION_C
from tests.journeys.pages import look
from tests.journeys.steps import person
from tests.journeys.test_importing_members import fill, latest, template, under, upload

ADDED, INSTEAD = "境外户籍", "居民户"


def test_the_city_adds_a_value_an_officer_chooses_it_and_once_retired_a_workbook_is_told_what_replaces_it(
    page_of: Callable[[str], Page], tmp_path: Path
):
    city, officer = page_of("city@demo.test"), page_of(UNION_C.email)
    city.get_by_role("link", name="组织管理").first.click()
    city.get_by_role("link", name="代码表").click()
    look(city, "code-lists")
    city.get_by_role("link", name="户籍类型", exact=True).click()
    city.get_by_label("名称").fill(ADDED)
    city.get_by_role("button", name="增加").click()
    expect(city.locator("#messages")).to_contain_text(f"已增加“{ADDED}”")
    look(city, "code-list")

    someone = person()
    officer.goto("/members/add/")
    officer.get_by_label("姓名").fill(someone.name)
    officer.get_by_label("证件号码").fill(someone.resident_id)
    officer.get_by_label("证件号码").press("Tab")
    expect(officer.get_by_label("出生日期")).to_have_value(someone.born_on.isoformat())
    officer.get_by_label("移动电话").fill(someone.mobile)
    officer.get_by_label("户籍类型").select_option(ADDED)
    officer.get_by_role("button", name="保存").click()
    expect(officer.locator("#messages")).to_contain_text("已新增会员")
    expect(officer.get_by_role("main")).to_contain_text(ADDED)
    shown = officer.url

    city.get_by_role("link", name=ADDED, exact=True).click()
    city.get_by_label("由哪个值替代").select_option(INSTEAD)
    look(city, "code")
    city.get_by_role("button", name="停用这个值").click()
    expect(city.locator("#messages")).to_contain_text("起停用，已经登记的资料不变")
    look(city, "code-retired")

    officer.goto(shown)
    expect(officer.get_by_role("main")).to_contain_text(ADDED)
    officer.get_by_role("link", name="编辑").first.click()
    expect(officer.get_by_label("户籍类型").locator("option:checked")).to_have_text(f"{ADDED}（已停用）")
    officer.goto("/imports/members/")
    expect(latest(officer)).not_to_contain_text("处理中", timeout=60_000)
    path = fill(template(officer, tmp_path), [person()])
    book = load_workbook(path)
    offered = [cell.value for column in book["选项"].iter_cols() for cell in column]
    assert INSTEAD in offered
    assert ADDED not in offered
    book.active[f"{under(book, '户籍类型')}2"] = ADDED
    book.save(path)
    upload(officer, path)
    problem = officer.get_by_role("table", name="错误清单").locator("tbody tr")
    expect(problem).to_have_count(1)
    expect(problem).to_contain_text(f"“{ADDED}”自")
    expect(problem).to_contain_text(f"请改为“{INSTEAD}”")
    look(officer, "retired-code-in-a-workbook")
    city.get_by_role("button", name="恢复使用").click()
    expect(city.locator("#messages")).to_contain_text("已恢复使用")
