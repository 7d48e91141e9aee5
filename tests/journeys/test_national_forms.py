"""The district exports both national forms; an officer imports the own one again, reports it, and reads back what was
returned (SPEC 3.10)."""

from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import LOCAL_EDITOR, UNION_C
from tests.journeys.pages import field, look
from tests.journeys.steps import add_member, person
from tests.journeys.test_importing_members import latest, upload


def export(page: Page, button: str, folder: Path, second: Page | None = None) -> Path:
    """Asked for from the first page, approved by the ``second`` person if it is long, followed to its end, downloaded."""
    page.goto("/home/")
    page.get_by_role("link", name="信息采集表").first.click()
    page.get_by_role("link", name=button).click()
    field(page, "导出用途").fill("填报全国采集表")
    page.get_by_label("确认因工作需要导出").check()
    look(page, "national-ask")
    page.get_by_role("button", name="开始导出").click()
    if second:
        approve(second, page)
    expect(page.get_by_role("button", name="下载")).to_be_visible(timeout=120_000)
    look(page, "national-export")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def approve(second: Page, page: Page) -> None:
    """Who asked sees who decides; that one approves; the form is where it always was."""
    expect(page.get_by_role("main")).to_contain_text("等待第二人同意")
    look(page, "national-pending")
    second.goto("/exports/")
    second.get_by_role("table").get_by_role("link", name="会员信息采集表").first.click()
    look(second, "national-to-approve")
    second.get_by_role("button", name="批准", exact=True).click()
    expect(second.locator("#messages")).to_contain_text("已批准")
    page.goto("/national/exports/")
    page.get_by_role("link", name="查看").first.click()


def head(path: Path) -> list[str]:
    sheet = load_workbook(path).worksheets[0]
    return [cell.value for cell in sheet[4]]


def test_both_forms_go_out_come_in_again_unchanged_and_back_with_a_reason(
    page_of: Callable[[str], Page], tmp_path: Path
):
    district, officer, known = page_of("yangpu@demo.test"), page_of(UNION_C.email), person()
    add_member(officer, known)

    look(district, "national-district")
    members = export(district, "导出会员采集表", tmp_path, second=page_of(LOCAL_EDITOR.email))
    unions = export(district, "导出组织采集表", tmp_path)
    assert (len(head(members)), len(head(unions))) == (20, 17)
    district.goto("/national/exports/")
    look(district, "national-exports")

    own = export(officer, "导出会员采集表", tmp_path)
    officer.goto("/imports/members/")
    expect(latest(officer)).not_to_contain_text("处理中", timeout=60_000)
    upload(officer, own)
    expect(officer.get_by_role("main")).to_contain_text("没有变化")
    expect(officer.get_by_role("main")).to_contain_text("没有要导入的内容")
    look(officer, "national-unchanged")
    officer.get_by_text("放弃本次导入").click()
    officer.get_by_role("button", name="确认放弃").click()

    officer.goto("/national/exports/")
    officer.get_by_role("link", name="查看").first.click()
    officer.get_by_text("登记为已上报").click()
    officer.get_by_role("button", name="确认已上报").click()
    expect(officer.get_by_role("heading", name="导出情况").locator("..")).to_contain_text("已上报", timeout=60_000)

    book = load_workbook(own)
    sheet = book.worksheets[0]
    place = sheet.max_column + 1
    sheet.cell(4, place, "退回原因")
    row = next(cells[0].row for cells in sheet.iter_rows(min_row=5) if cells[7].value == known.resident_id)
    sheet.cell(row, place, "学历与学信网不符")
    book.save(own)
    officer.goto("/imports/returned_members/")
    upload(officer, own)
    officer.get_by_role("button", name="确认导入").click()
    expect(latest(officer)).to_contain_text("已登记 1 人的退回原因", timeout=60_000)
    officer.goto("/national/")
    look(officer, "national-union")
    officer.get_by_role("link", name="查看退回原因").click()
    line = officer.get_by_role("row", name=known.name)
    expect(line).to_contain_text("学历与学信网不符")
    look(officer, "national-returned")

    line.get_by_role("link", name="修改").click()
    field(officer, "学历").select_option("硕士研究生")
    officer.get_by_role("button", name="保存").click()
    officer.goto("/national/")
    expect(officer.get_by_role("link", name="查看退回原因")).to_have_count(0)
