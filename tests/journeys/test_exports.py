"""An officer asks for full numbers, the superior approves, the sheet is taken, and called back (SPEC 5.5)."""

from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.journeys.pages import field, look

PURPOSE = "核对本年度参保名单"


def ask(page: Page) -> None:
    page.goto("/members/export/")
    page.get_by_label("完整", exact=True).check()
    field(page, "用途").fill(PURPOSE)
    page.get_by_role("button", name="导出", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("请勾选")
    expect(field(page, "用途")).to_have_value(PURPOSE)
    look(page, "members-export-wrong")
    page.get_by_label("确认因工作需要导出").check()
    page.get_by_role("button", name="导出", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("等待")


def test_many_full_numbers_are_approved_by_the_superior_taken_and_called_back(
    page_of: Callable[[str], Page], tmp_path: Path
):
    officer = page_of("union-a@demo.test")
    ask(officer)
    look(officer, "export-pending")
    expect(officer.get_by_role("button", name="批准", exact=True)).to_have_count(0)

    reviewer = page_of("wujiaochang@demo.test")
    expect(reviewer.get_by_role("main")).to_contain_text("名单导出待批准")
    reviewer.get_by_role("link", name="名单导出", exact=False).first.click()
    look(reviewer, "exports-to-approve")
    reviewer.get_by_role("table").get_by_role("link", name="会员名单").first.click()
    expect(reviewer.get_by_role("main")).to_contain_text(PURPOSE)
    look(reviewer, "export-to-approve")
    reviewer.get_by_role("button", name="不批准").click()
    expect(reviewer.get_by_role("alert")).to_contain_text("请填写不批准的原因")
    look(reviewer, "export-refused-without-reason")
    reviewer.get_by_role("button", name="批准", exact=True).click()
    expect(reviewer.locator("#messages")).to_contain_text("已批准")

    fetch = officer.get_by_role("button", name="下载 Excel")
    officer.reload()
    expect(fetch).to_be_visible(timeout=60_000)
    look(officer, "export-ready")
    with officer.expect_download() as download:
        fetch.click()
    path = tmp_path / "list.xlsx"
    download.value.save_as(path)
    (stamp, headings, *lines) = load_workbook(path).worksheets[0].iter_rows(values_only=True)
    assert PURPOSE in stamp[0]
    assert "批准人" in stamp[0]
    assert headings[0] == "会员编号"
    assert len(lines) > 500

    reviewer.reload()
    reviewer.locator("summary", has_text="收回").click()
    field(reviewer, "收回的原因").fill("用途已经办完")
    reviewer.get_by_role("button", name="收回导出").click()
    expect(reviewer.locator("#messages")).to_contain_text("不能再下载")
    fetch.click()
    expect(officer.get_by_role("main")).to_contain_text("收回，不能再下载")
    officer.reload()
    look(officer, "export-recalled")
    officer.goto("/exports/")
    look(officer, "exports")
