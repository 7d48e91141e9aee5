"""Chapter 4.1, the first way: members one by one; and what becomes of them in the list."""

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from gonghui.demo_data.cast import UNION_A, UNION_B
from gonghui.kit.documents import mask_mobile, mask_number
from gonghui.kit.invent import InventedPerson
from tests.journeys.pages import field, look, picture
from tests.journeys.steps import fill_member, person


@pytest.fixture
def officer(page_of: Callable[[str], Page]) -> Page:
    """Union B's officer in 「会员管理」."""
    page = page_of(UNION_B.email)
    page.get_by_role("link", name="会员管理").first.click()
    return page


def test_the_number_fills_sex_and_birth_date_and_the_member_is_saved(officer: Page):
    one = person()
    officer.get_by_role("link", name="新增会员").click()
    look(officer, "member-new")
    officer.get_by_label("姓名").fill(one.name)
    number = officer.get_by_label("证件号码")
    number.fill(one.resident_id[:-1] + ("1" if one.resident_id[-1] != "1" else "2"))
    number.press("Tab")
    expect(officer.get_by_role("main")).to_contain_text("校验")
    look(officer, "member-number-wrong")
    number.fill(one.resident_id)
    number.press("Tab")
    expect(officer.get_by_label("出生日期")).to_have_value(one.born_on.isoformat())
    expect(officer.get_by_label("性别").locator("option:checked")).to_have_text({"M": "男", "F": "女"}[one.sex])
    picture(officer, "member-new")
    officer.get_by_role("button", name="保存").click()
    expect(officer.get_by_role("alert")).to_contain_text("移动电话")
    look(officer, "member-mistakes")
    officer.get_by_label("移动电话").fill(one.mobile)
    officer.get_by_label("联系地址").fill(one.address)
    officer.get_by_label("学历").select_option("大学本科")
    officer.get_by_role("button", name="保存").click()
    expect(officer.locator("#messages")).to_contain_text("已新增会员")
    expect(officer.locator("#messages")).to_contain_text("会员编号 010")
    look(officer, "member")


def test_a_contradicting_sex_is_refused_and_so_is_a_member_of_another_union(officer: Page, page_of):
    one = person()
    add(officer, one, sex={"M": "女", "F": "男"}[one.sex])
    expect(officer.get_by_role("alert")).to_contain_text("性别")
    officer.get_by_label("性别").select_option({"M": "男", "F": "女"}[one.sex])
    officer.get_by_role("button", name="保存").click()
    expect(officer.locator("#messages")).to_contain_text("已新增会员")

    elsewhere = page_of(UNION_A.email)
    add(elsewhere, one)
    expect(elsewhere.get_by_role("alert")).to_contain_text("转入")
    expect(elsewhere.get_by_role("main")).not_to_contain_text(UNION_B.employer)
    look(elsewhere, "member-of-another-union")


def test_a_member_is_found_looked_at_and_changed(officer: Page, page_of: Callable[[str], Page]):
    one = person()
    add(officer, one)
    number = officer.locator("dt:text-is('会员编号') + dd").inner_text()
    for label, text in (("会员编号搜索", number), ("身份证号搜索", one.resident_id), ("姓名搜索", one.name)):
        row = search(officer, label, text).filter(has_text=number)
        expect(row).to_be_visible()
    expect(row).to_contain_text(mask_number(one.resident_id))
    expect(row).to_contain_text(mask_mobile(one.mobile))
    assert one.resident_id not in officer.url
    look(officer, "members-found")

    row.get_by_role("button", name="完整号码").click()
    expect(row).to_contain_text(one.resident_id)
    expect(row).to_contain_text(one.mobile)
    row.get_by_role("button", name="遮盖").click()
    expect(row).not_to_contain_text(one.resident_id)

    row.get_by_role("link", name="编辑").click()
    officer.get_by_label("工会职务").select_option("工会委员")
    officer.get_by_label("联系地址").fill("上海市杨浦区新址路3号")
    look(officer, "member-edit")
    officer.get_by_role("button", name="保存").click()
    expect(officer.locator("#messages")).to_contain_text("修改已保存，立即生效")
    officer.get_by_role("link", name="修改记录").click()
    expect(officer.get_by_role("main")).to_contain_text("修改了 2 项")
    look(officer, "member-versions")

    city = page_of("city@demo.test")
    city.get_by_role("link", name="审计查询").first.click()
    looks = city.get_by_role("row", name="查看").filter(has_text=one.name)
    expect(looks.first).to_contain_text("用途：编辑")
    look(city, "audit")


def test_the_export_is_a_workbook_of_what_the_list_shows(officer: Page, tmp_path: Path):
    one = person()
    add(officer, one)
    search(officer, "身份证号搜索", one.resident_id)
    officer.get_by_role("link", name="导出", exact=True).click()
    look(officer, "members-export")
    assert rows_of(export(officer, tmp_path)) == [(one.name, mask_number(one.resident_id))]
    officer.get_by_role("radio", name="完整").check()
    field(officer, "用途").fill("核对参保名单")
    officer.get_by_label("确认因工作需要导出").check()
    officer.get_by_role("button", name="导出", exact=True).click()
    ready = officer.get_by_role("button", name="下载 Excel")
    expect(ready).to_be_visible(timeout=30_000)
    assert rows_of(saved(officer, ready, tmp_path)) == [(one.name, one.resident_id)]


def add(page: Page, invented_person: InventedPerson, *, sex: str = "") -> None:
    fill_member(page, invented_person)
    if sex:
        page.get_by_label("性别").select_option(sex)
    page.get_by_role("button", name="保存").click()
    page.wait_for_load_state()


def search(page: Page, label: str, text: str) -> Locator:
    """The rows that the list shows for one filter."""
    page.goto("/members/")
    page.get_by_label(label).fill(text)
    page.get_by_role("button", name="查询").click()
    page.wait_for_url("/members/?q=*")
    return page.locator("tbody tr")


def export(page: Page, folder: Path) -> Path:
    return saved(page, page.get_by_role("button", name="导出", exact=True), folder)


def saved(page: Page, button: Locator, folder: Path) -> Path:
    with page.expect_download() as download:
        button.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def rows_of(path: Path) -> list[tuple[str, str]]:
    """姓名 and 证件号码 of the workbook's rows, below the line that says whose it is."""
    lines = list(load_workbook(path).active.values)
    headings, *rows = lines if "姓名" in lines[0] else lines[1:]
    name, number = headings.index("姓名"), headings.index("证件号码")
    return [(row[name], row[number]) for row in rows]
