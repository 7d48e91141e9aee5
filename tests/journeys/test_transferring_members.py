"""Chapter 4.2: members come in from other unions, from both sides and from the superior's; and they go (SPEC 3.6, 3.7)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import UNION_B, UNION_C
from tests.journeys.pages import look, picture
from tests.journeys.steps import approve, open_by_enter, person
from tests.stack import Demo

STREET = "wujiaochang@demo.test"
WAITING, OFFERED, OUT = "/transfers/", "/transfers/incoming/", "/transfers/?tab=out"


@pytest.fixture
def asking(page_of: Callable[[str], Page]) -> Page:
    """The union that wants members: C."""
    return page_of(UNION_C.email)


@pytest.fixture
def releasing(page_of: Callable[[str], Page]) -> Page:
    """The union whose members they are: B."""
    return page_of(UNION_B.email)


def joined(page: Page, count: int) -> list:
    """New members of the union of ``page``, one by one."""
    people = []
    for _ in range(count):
        one = person()
        page.goto("/members/add/")
        page.get_by_label("姓名").fill(one.name)
        page.get_by_label("证件号码").fill(one.resident_id)
        page.get_by_label("证件号码").blur()
        expect(page.get_by_label("出生日期")).not_to_have_value("")
        page.get_by_label("移动电话").fill(one.mobile)
        page.get_by_role("button", name="保存").click()
        expect(page.locator("#messages")).to_contain_text("已新增会员")
        people.append(one)
    return people


def test_by_workbook_until_the_other_union_agrees(asking: Page, releasing: Page, tmp_path: Path):
    agreed, refused = joined(releasing, 2)
    stranger = person()
    asking.goto("/members/")
    asking.get_by_role("link", name="从其他工会转入会员到本工会").click()
    expect(asking.get_by_role("complementary", name="注意事项")).to_contain_text("每次上传不得大于1000条，请知悉！")
    look(asking, "transfer-in")
    picture(asking, "transfer-in", height=760)
    with asking.expect_download() as download:
        asking.get_by_role("link", name="点击下载Excel文件模板").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    book = load_workbook(path)
    for row, one in enumerate((agreed, refused, stranger), 2):
        book.active[f"A{row}"], book.active[f"B{row}"] = one.name, one.resident_id
    book.save(path)
    asking.locator("input[type=file][name=file]").set_input_files(path)
    asking.get_by_role("button", name="转入", exact=True).click()
    expect(asking.locator("#messages")).to_contain_text("共 3 行：2 人已申请，1 行未转入（没有匹配的会员 1 行）")
    rows = asking.get_by_role("table", name="每一行的转入结果").locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("已提交转入申请")
    expect(rows.nth(2)).to_contain_text("没有匹配的会员")
    look(asking, "transfer-results")
    picture(asking, "transfer-results", height=620)
    with asking.expect_download() as download:
        asking.get_by_role("button", name="导出结果").click()
    assert "转入结果" in download.value.suggested_filename
    rows.nth(0).get_by_role("link", name="查看").click()
    expect(asking.get_by_role("main")).to_contain_text("对方同意后显示")
    asking.get_by_role("button", name="催办").click()
    expect(asking.locator("#messages")).to_contain_text("已催办 1 名")
    expect(asking.get_by_role("main")).to_contain_text("明天可以再催办")
    look(asking, "transfer-waiting")
    waiting = asking.url

    releasing.get_by_role("link", name="会员转出审核").click()
    look(releasing, "transfers")
    picture(releasing, "transfers", height=560)
    releasing.get_by_label(f"选择 {agreed.name}").check()
    releasing.get_by_role("button", name="同意转出").click()
    expect(releasing.locator("#messages")).to_contain_text("已同意 1 名")
    releasing.get_by_label(f"选择 {refused.name}").check()
    releasing.get_by_role("button", name="不同意").click()
    expect(releasing.locator("#messages")).to_contain_text("必须填写原因")
    releasing.get_by_label(f"选择 {refused.name}").check()
    releasing.get_by_label("审批意见").fill("劳动合同还没有结束。")
    releasing.get_by_role("button", name="不同意").click()
    expect(releasing.locator("#messages")).to_contain_text("已退回 1 名")
    releasing.goto(f"{WAITING}?tab=done")
    look(releasing, "transfers-done")

    asking.goto(waiting)
    expect(asking.get_by_role("main")).to_contain_text(f"{UNION_B.employer}工会")
    look(asking, "transfer-agreed")
    asking.goto(f"{OFFERED}?tab=asked")
    expect(asking.get_by_role("row", name=refused.name)).to_contain_text("劳动合同还没有结束")
    asking.goto("/members/")
    asking.get_by_label("身份证号搜索").fill(agreed.resident_id)
    asking.get_by_role("button", name="查询").click()
    expect(asking.locator("tbody tr").first).to_contain_text(agreed.name)
    asking.locator("tbody tr").first.get_by_role("link", name="查看").click()
    expect(asking.get_by_role("table", name="会籍记录")).to_contain_text("会员转移")
    look(asking, "member-transferred")


def test_one_by_one_and_a_wrong_name(asking: Page, releasing: Page):
    (one,) = joined(releasing, 1)
    asking.goto("/transfers/in/")
    asking.get_by_label("姓名").fill("王示例")
    asking.get_by_label("证件号码").fill(one.resident_id)
    asking.get_by_role("button", name="转入这名会员").click()
    expect(asking.get_by_role("alert")).to_contain_text("没有姓名和证件号码都与填写一致的会员")
    look(asking, "transfer-in-unmatched")
    asking.get_by_label("姓名").fill(one.name)
    asking.get_by_role("button", name="转入这名会员").click()
    expect(asking.locator("#messages")).to_contain_text("等待转出工会审核")
    asking.get_by_role("button", name="撤回").click()
    expect(asking.get_by_role("main")).to_contain_text("已撤回")


def test_ticked_over_two_pages_offered_and_accepted(asking: Page, releasing: Page):
    people = joined(releasing, 2)
    releasing.goto("/members/")
    for one in people:
        releasing.get_by_label("身份证号搜索").fill(one.resident_id)
        releasing.get_by_role("button", name="查询").click()
        releasing.get_by_label(f"选择 {one.name}").check()
    expect(releasing.locator("[data-tick-count]")).to_have_text("已选 2 人")
    releasing.get_by_role("button", name="转出所选").click()
    expect(releasing.get_by_role("main")).to_contain_text("共 2 人")
    releasing.get_by_label("转入的工会").fill(f"{UNION_C.employer}")
    expect(releasing.locator("#found")).to_contain_text("请核对")
    look(releasing, "transfer-out")
    picture(releasing, "transfer-out", height=860)
    releasing.get_by_role("button", name="确认转出").click()
    expect(releasing.locator("#messages")).to_contain_text("已把 2 名会员转给")
    look(releasing, "transfers-out")

    asking.goto(OFFERED)
    look(asking, "transfers-offered")
    asking.get_by_label(f"选择 {people[0].name}").check()
    asking.get_by_role("button", name="接收所选").click()
    expect(asking.locator("#messages")).to_contain_text("已同意 1 名")
    releasing.goto(OUT)
    releasing.get_by_label(f"选择 {people[1].name}").check()
    releasing.get_by_role("button", name="撤回所选").click()
    expect(releasing.locator("#messages")).to_contain_text("已撤回 1 名")


def test_left_and_undone(releasing: Page):
    (one,) = joined(releasing, 1)
    releasing.goto("/members/")
    releasing.get_by_label("身份证号搜索").fill(one.resident_id)
    releasing.get_by_role("button", name="查询").click()
    releasing.get_by_label(f"选择 {one.name}").check()
    releasing.get_by_role("button", name="转出所选").click()
    releasing.get_by_label("离开工会，不再属于任何工会").check()
    expect(releasing.get_by_label("转入的工会")).to_be_hidden()
    releasing.get_by_role("button", name="确认转出").click()
    expect(releasing.get_by_role("alert")).to_contain_text("请选择转出原因")
    look(releasing, "transfer-leave-mistakes")
    releasing.get_by_label("转出原因").select_option("退休")
    releasing.get_by_role("button", name="确认转出").click()
    expect(releasing.locator("#messages")).to_contain_text("1 名会员已转出")
    releasing.get_by_role("link", name=f"查看{one.name}的转移").click()
    releasing.get_by_role("button", name="撤销转出").click()
    expect(releasing.locator("#messages")).to_contain_text("会员已回到本工会")
    look(releasing, "transfer-undone")


def test_what_is_overdue_is_decided_by_the_superior(page_of: Callable[[str], Page], stack: Demo):
    """The demo's own: union B asked for a member of union A, who has not answered."""
    street = page_of(STREET)
    street.goto("/reviews/")
    open_by_enter(street.get_by_role("row", name="会员转移").first.get_by_role("link", name="审核"))
    expect(street.get_by_role("main")).to_contain_text("转出工会没有审核")
    look(street, "review-transfer")
    picture(street, "review-transfer", height=700)
    approve(street)
    asking = page_of(UNION_B.email)
    asking.goto(f"{OFFERED}?tab=asked")
    expect(asking.get_by_role("row", name="已转移").first).to_be_visible()
