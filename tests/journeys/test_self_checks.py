"""外院自检: the officer sends an invoice, the publisher refuses it, it is sent again and accepted; the ledger has it."""

from collections.abc import Callable

from django.utils.timezone import localdate
from playwright.sync_api import Page, Route, expect

from gonghui.demo_data.cast import SUPERIORS, UNION_B
from tests.journeys.pages import field, look, picture
from tests.scans import pdf

TITLE = "一线职工体检"
NEWEST = "/bookings/ledger/?page=99"
"""The last page of the union's members: they have booked nothing."""


def reviewed(page: Page, name: str, decision: str, opinion: str) -> None:
    """The publisher opens the one that waits, and decides."""
    page.goto("/bookings/self-checks/desk/")
    look(page, "self-checks-desk")
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("table", name="附件")).to_contain_text("体检发票.pdf")
    look(page, "self-check-decide")
    page.get_by_role("radio", name=decision).check()
    field(page, "审核意见").fill(opinion)
    page.get_by_role("button", name="提交审核结果").click()


def test_refused_at_first_and_accepted_when_it_is_sent_again(page_of: Callable[[str], Page]):
    page, desk = page_of(UNION_B.email), page_of(SUPERIORS[1].email)
    page.goto(NEWEST)
    last = page.get_by_role("row").last
    name, number = (last.locator(f"[data-label={label}]").inner_text().strip() for label in ("姓名", "会员编号"))

    page.goto("/bookings/self-checks/")
    page.get_by_role("link", name=TITLE, exact=True).first.click()
    field(page, "会员编号或姓名").fill("没有此人")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("alert").first).to_contain_text("本工会没有这名会员")
    look(page, "self-check-choose")
    field(page, "会员编号或姓名").fill(number)
    late: list[Route] = []
    page.route("**/attachments*.js", lambda route: late.append(route), times=1)  # noqa: PLW0108 - it takes no builtin
    page.get_by_role("button", name="下一步").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{name}的外院自检")
    scans, kept = page.get_by_role("group", name="附件"), page.get_by_label("已上传的附件")
    invoice = field(scans, "发票")
    invoice.set_input_files([{"name": "发票.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}])
    late.pop().continue_()  # a slow line: the file is chosen before the script has come, and sent all the same
    expect(scans.get_by_role("alert")).to_contain_text("这是 SVG 图形，不是扫描件")
    invoice.set_input_files([{"name": "体检发票.pdf", "mimeType": "application/pdf", "buffer": pdf()}])
    expect(kept).to_contain_text("体检发票.pdf")
    field(page, "体检医院").fill("上海市示例医院")
    field(page, "体检日期").fill(f"{localdate():%Y-%m-%d}")
    field(page, "发票号码").fill("12")
    field(page, "发票金额（元）").fill("660")
    page.get_by_role("button", name="提交外院自检").click()
    expect(page.get_by_role("alert").first).to_contain_text("发票号码不正确")
    expect(kept).to_contain_text("体检发票.pdf")
    look(page, "self-check-send")
    picture(page, "self-check")
    field(page, "发票号码").fill("26312000009876543210")
    page.get_by_role("button", name="提交外院自检").click()
    expect(page.get_by_role("main")).to_contain_text("待审核")
    look(page, "self-check-sent")

    reviewed(desk, name, "不通过", "发票抬头不是本人")
    expect(desk.get_by_role("main")).to_contain_text(f"{name}的外院自检未通过")

    page.goto("/notices/")
    page.get_by_role("button").filter(has_text=f"{name}的外院自检未通过").first.click()
    expect(page.get_by_role("main")).to_contain_text("未通过：发票抬头不是本人")
    look(page, "self-check-refused")
    page.get_by_role("button", name="改正后再次提交").click()
    expect(field(page, "体检医院")).to_have_value("上海市示例医院")
    expect(kept).to_contain_text("体检发票.pdf")
    field(page, "发票号码").fill("26312000009876543211")
    page.get_by_role("button", name="提交外院自检").click()
    expect(page.get_by_role("main")).to_contain_text("待审核")

    reviewed(desk, name, "通过，记入会员参加记录", "")
    expect(desk.get_by_role("main")).to_contain_text(f"{name}的外院自检已通过")

    page.get_by_role("link", name="外院自检", exact=True).click()
    look(page, "self-checks")
    expect(page.get_by_role("row").filter(has_text=name).first).to_contain_text("已通过")
    page.goto(NEWEST)
    row = page.get_by_role("row").filter(has_text=number)
    expect(row).to_contain_text(TITLE)
    row.get_by_role("link", name=name, exact=True).click()
    record = page.get_by_role("row").filter(has_text=TITLE)
    expect(record).to_contain_text("外院自检")
    expect(record).to_contain_text("个人自费 80")
    look(page, "self-check-ledger")
