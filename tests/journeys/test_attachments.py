"""A scan of the licence goes along with an amendment: chosen, refused, removed, kept while the form is wrong, downloaded."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.journeys.mailbox import Mailbox
from tests.journeys.pages import look
from tests.journeys.steps import Newcomer, approve_filing, file, open_review, register
from tests.scans import arm, heic, jpeg, pdf, png


@pytest.fixture
def officer(page: Page, mailbox: Mailbox, newcomer: Newcomer, street: Page) -> Page:
    """Of an approved union, at the form 「修改」."""
    register(page, mailbox, newcomer)
    file(page, newcomer)
    approve_filing(street, newcomer)
    page.goto("/filings/amend/")
    return page


def scan(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def test_a_scan_is_sent_with_an_amendment_and_downloaded_by_the_reviewer(
    officer: Page, street: Page, newcomer: Newcomer
):
    attachments, kept = officer.get_by_role("group", name="附件"), officer.get_by_label("已上传的附件")
    licence = attachments.get_by_label("营业执照", exact=True)
    licence.set_input_files([scan("执照正面.png", png(1240, 1754)), scan("执照反面.jpg", jpeg(1240, 1754))])
    expect(kept.get_by_role("listitem")).to_have_count(2)
    attachments.get_by_label("批复", exact=True).set_input_files(
        [scan("照片.jpg", heic()), scan("批复.pdf", pdf(arm, pages=3)), scan("大.pdf", bytes(10 * 1024 * 1024 + 1))]
    )
    expect(attachments.get_by_role("alert")).to_contain_text("HEIC")
    expect(attachments.get_by_role("alert")).to_contain_text("“大.pdf”文件超过 10 MB")
    expect(kept).to_contain_text("批复，3 页")
    look(officer, "amend-attachments")
    officer.get_by_role("button", name="移除 执照反面.jpg").press("Enter")
    expect(kept.get_by_role("listitem")).to_have_count(2)
    expect(officer.get_by_role("button", name="移除 批复.pdf")).to_be_focused()

    officer.get_by_label("工会负责人").fill("")
    officer.get_by_role("button", name="提交").click()
    expect(officer.get_by_role("alert").first).to_contain_text("需要修改")
    expect(kept).to_contain_text("执照正面.png")
    officer.get_by_label("工会负责人").fill("赵示例")
    officer.get_by_role("button", name="提交").click()
    expect(officer.get_by_role("main")).to_contain_text("以下资料仍然有效")

    open_review(street, newcomer.employer)
    table = street.get_by_role("table", name="附件")
    expect(table.get_by_role("row")).to_have_count(3)
    expect(table).to_contain_text("1240×1754 像素")
    look(street, "review-attachments")
    with street.expect_download() as download:
        table.get_by_role("link", name="下载 批复.pdf").click()
    content = Path(download.value.path()).read_bytes()
    assert download.value.suggested_filename == "批复.pdf"
    assert content.startswith(b"%PDF-")
    assert b"JavaScript" not in content


def test_files_are_dropped_onto_their_kind_on_a_desk(officer: Page):
    dropped = officer.evaluate_handle(
        """bytes => {
            const data = new DataTransfer();
            data.items.add(new File([Uint8Array.from(bytes)], "拖来的.png"));
            return data;
        }""",
        list(png()),
    )
    officer.locator("[data-scan=licence]").dispatch_event("drop", {"dataTransfer": dropped})
    expect(officer.get_by_label("已上传的附件")).to_contain_text("拖来的.png")
    officer.reload()
    expect(officer.get_by_label("已上传的附件")).to_contain_text("拖来的.png")
