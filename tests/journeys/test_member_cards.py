"""Chapter 5: member service cards, from the officer's tick over superior and city to the card in the hand (SPEC 4)."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import UNION_A
from tests.journeys.pages import look, picture

OFFICER = "union-05@demo.test"
STREET, CITY = "wujiaochang@demo.test", "city@demo.test"


@pytest.fixture
def officer(page_of: Callable[[str], Page]) -> Page:
    """Of a union of 86 members that has no code and no cards."""
    return page_of(OFFICER)


@pytest.fixture
def reviewer(page_of: Callable[[str], Page]) -> Page:
    return page_of(STREET)


@pytest.fixture
def city(page_of: Callable[[str], Page]) -> Page:
    return page_of(CITY)


def row(page: Page, text: str):
    return page.get_by_role("table", name="未办卡会员").get_by_role("row").filter(has_text=text)


def boxes(page: Page):
    """Those that can be ticked on this page of the list."""
    return page.locator("input[name=applicant]:enabled")


def ticked(page: Page, count: int) -> None:
    expect(page.locator("[data-tick-count]")).to_have_text(f"已选 {count} 人")


def the_code_is_saved(officer: Page) -> None:
    """5.1: whoever adds members for the first time is asked for the union's code."""
    officer.get_by_role("link", name="会员服务卡管理").click()
    expect(officer.get_by_role("heading", name="还没有办卡批次")).to_be_visible()
    look(officer, "cards-none")
    officer.get_by_role("link", name="添加办卡会员").first.click()
    expect(officer.locator("#messages")).to_contain_text("先填写并保存 9 位工会组织机构代码")
    officer.get_by_label("9位工会组织机构代码").fill("70005001")
    officer.get_by_role("button", name="保存").click()
    expect(officer.locator(".field-error")).to_contain_text("应为 9 位")
    look(officer, "cards-code-wrong")
    officer.get_by_role("button", name="自动生成虚拟组织机构代码").click()
    expect(officer.get_by_label("9位工会组织机构代码")).to_have_value(re.compile("^PDY"))
    look(officer, "cards-code")
    picture(officer, "card-code", height=520)
    officer.get_by_role("button", name="保存").click()
    expect(officer.get_by_role("main")).to_contain_text("NCZY代码")
    look(officer, "cards-add")


def what_is_wrong_is_mended(officer: Page) -> None:
    """Red 说明 leads to the member's form; 是否特殊 opens the dialog."""
    first = boxes(officer).first.get_attribute("value")
    officer.goto(f"/members/{first}/edit/")
    officer.get_by_label("联系地址").fill("上海市杨浦区" + "示例路" * 12)
    officer.get_by_role("button", name="保存").click()
    officer.goto("/cards/add/")
    faulty = row(officer, "联系地址不能超过40个字符")
    expect(faulty.locator("input")).to_be_disabled()
    look(officer, "cards-add-faults")
    picture(officer, "card-add", height=860)
    faulty.get_by_role("link", name="去修改").click()
    officer.get_by_label("联系地址").fill("上海市杨浦区示例路1号")
    officer.get_by_role("button", name="保存").click()
    officer.goto("/cards/add/?size=50")
    special = row(officer, "姓名中有生僻字").first
    name = special.locator(".name").inner_text()
    special.get_by_role("link", name="填写").click()
    dialog = officer.get_by_role("dialog")
    expect(dialog).to_contain_text("长度不能大于四个汉字")
    dialog.get_by_label("请输入约定姓名").fill("王小明五")
    look(officer, "cards-agree-dialog")
    picture(officer, "card-agree", height=700)
    officer.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    special.get_by_role("link", name="填写").click()
    dialog.get_by_label("请输入约定姓名").fill("张三李四王")
    dialog.get_by_role("button", name="保存").click()
    expect(officer.locator(".field-error")).to_contain_text("不能超过 4 个汉字")
    look(officer, "cards-agree-wrong")
    officer.locator("[data-offer]").first.click()
    officer.get_by_role("button", name="保存").click()
    expect(officer.locator("#messages")).to_contain_text("的约定姓名")
    expect(row(officer, name).locator("input")).to_be_enabled()
    row(officer, "外籍人士").first.get_by_role("link", name="填写").click()
    dialog.locator("[data-offer]").first.click()
    dialog.get_by_role("button", name="保存").click()
    expect(officer.locator("#messages")).to_contain_text("的约定姓名")


def test_from_the_tick_to_the_card_in_the_hand(officer: Page, reviewer: Page, city: Page, tmp_path: Path):
    the_code_is_saved(officer)
    what_is_wrong_is_mended(officer)

    # Ticks outlast pages and filters
    row(officer, "外籍人士").locator("input:enabled").first.check()
    row(officer, "生僻字").locator("input:enabled").first.check()
    officer.goto("/cards/add/")
    ticked(officer, 2)
    boxes(officer).nth(1).check()
    officer.get_by_role("link", name="第 2 页").click()
    expect(officer.locator(".pages [aria-current]")).to_have_text("2")
    boxes(officer).nth(0).check()
    boxes(officer).nth(1).check()
    named = officer.get_by_role("table", name="未办卡会员").locator("tbody tr").nth(5).locator(".name").inner_text()
    officer.get_by_label("姓名搜索").fill(named)
    officer.get_by_role("button", name="查询").click()
    boxes(officer).first.check()
    ticked(officer, 6)
    look(officer, "cards-add-ticked")
    officer.get_by_role("button", name="申请办卡").click()
    expect(officer.get_by_role("heading", name="确认申请办卡")).to_be_visible()
    expect(officer.get_by_role("heading", name="外籍人士新办批次")).to_be_visible()
    look(officer, "cards-confirm")
    picture(officer, "card-confirm", height=640)
    officer.get_by_role("button", name="确认申请 6 人").click()
    expect(officer.locator("#messages")).to_contain_text("其中外籍人士 1 人需单独提交")
    expect(officer.get_by_role("table", name="办卡批次").get_by_role("row")).to_have_count(3)
    look(officer, "cards-list")
    picture(officer, "card-batches", height=480)

    # A second batch of the day: refused, and the ticks stay
    officer.goto("/cards/add/")
    ticked(officer, 0)
    boxes(officer).first.check()
    officer.get_by_role("button", name="申请办卡").click()
    expect(officer.get_by_role("alert")).to_contain_text("一天只能添加一个批次")
    ticked(officer, 1)
    look(officer, "cards-second-batch")
    officer.get_by_role("button", name="清除选择").click()
    ticked(officer, 0)

    # The superior: one member back, then the whole
    reviewer.goto("/reviews/")
    reviewer.get_by_role("link", name=re.compile("新办 5 人")).first.click()
    expect(reviewer.get_by_role("main")).to_contain_text("约定姓名")
    look(reviewer, "cards-review")
    picture(reviewer, "card-review", height=760)
    reviewer.get_by_role("link", name="查看名单，单独退回会员").click()
    reviewer.locator("input[name=application]").nth(4).check()
    reviewer.get_by_role("button", name="退回所选会员").click()
    expect(reviewer.get_by_role("alert")).to_contain_text("必须填写原因")
    reviewer.locator("input[name=application]").nth(4).check()
    reviewer.get_by_label("退回原因").fill("已离职，请核对。")
    reviewer.get_by_role("button", name="退回所选会员").click()
    expect(reviewer.locator("#messages")).to_contain_text("已退回 1 名会员")
    look(reviewer, "cards-batch-superior")
    reviewer.get_by_role("link", name="审核批次").click()
    reviewer.get_by_role("button", name="审核通过").click()
    expect(reviewer.locator("#messages")).to_contain_text("审核通过")

    # The city: an order, its file, the results
    city.goto("/cards/desk/")
    look(city, "cards-desk")
    picture(city, "card-desk", height=720)
    group = city.locator("form", has=city.get_by_role("heading", name="待制卡：新办", exact=True))
    expect(group.locator("input:checked")).to_have_count(0)
    group.get_by_role("row", name=re.compile(r"^(?!.*示例科技|.*示例动力).*\d{4}-\d\d-\d\d 新办")).locator(
        "input"
    ).first.check()
    group.get_by_role("button", name="生成制卡订单").click()
    export = city.get_by_role("button", name="导出制卡文件")
    expect(export).to_be_visible(timeout=30_000)
    look(city, "cards-order-ready")
    with city.expect_download() as download:
        export.click()
    first = Path(download.value.path()).read_bytes()
    with city.expect_download() as download:
        export.click()
    assert Path(download.value.path()).read_bytes() == first
    city.reload()
    with city.expect_download() as download:
        city.get_by_role("button", name="演示：下载制卡方返回的结果文件").click()
    good = Path(download.value.path()).read_bytes()
    cut = tmp_path / "断开.txt"
    cut.write_bytes(good[:200])
    city.locator("input[type=file]").set_input_files(cut)
    city.get_by_role("button", name="读入制卡结果").click()
    expect(city.get_by_role("main")).to_contain_text("没有读入任何内容")
    look(city, "cards-results-wrong")
    whole = tmp_path / "制卡结果.txt"
    whole.write_bytes(good)
    city.locator("input[type=file]").set_input_files(whole)
    city.get_by_role("button", name="读入制卡结果").click()
    expect(city.get_by_role("main")).to_contain_text("全部会员都有结果", timeout=30_000)
    expect(city.get_by_role("table", name="已读入的结果文件")).to_contain_text("已读入", timeout=30_000)
    look(city, "cards-order-done")
    picture(city, "card-order", height=860)

    # The union hands the cards out
    officer.goto("/cards/")
    officer.get_by_role("row", name=re.compile("已制卡")).get_by_role("link", name="查看").click()
    look(officer, "cards-batch-made")
    officer.get_by_role("link", name="领卡签收表").click()
    expect(officer.get_by_role("table", name="领卡签收表").get_by_role("row")).to_have_count(5)
    look(officer, "cards-sign-off")
    picture(officer, "card-sign-off", height=520)
    officer.go_back()
    officer.locator("input[name=application]").first.check()
    officer.get_by_role("button", name="登记已发放", exact=True).click()
    expect(officer.locator("#messages")).to_contain_text("已登记 1 名")
    officer.get_by_role("button", name="全部登记已发放").click()
    expect(officer.locator("#messages")).to_contain_text("已登记 3 名")
    look(officer, "cards-batch-issued")
    picture(officer, "card-batch", height=760)


def test_a_dozen_members_to_tick_stand_above_the_bar(officer_a: Page):
    officer_a.goto("/cards/add/?size=20")
    boxes(officer_a).first.check()
    ticked(officer_a, 1)
    in_view = """() => {
        const edge = document.querySelector(".bar").getBoundingClientRect().top;
        return [...document.querySelectorAll("tbody tr")].filter(row => row.getBoundingClientRect().bottom <= edge).length;
    }"""
    assert officer_a.evaluate(in_view) >= 12
    expect(officer_a.get_by_role("button", name="申请办卡")).to_be_in_viewport()
    officer_a.get_by_role("button", name="清除选择").click()


def test_a_card_is_lost_and_replaced(officer_a: Page, city: Page):
    """挂失 at once, 补办 by the same path; the card's page tells its life."""
    officer_a.goto("/cards/holders/?state=issued")
    look(officer_a, "cards-holders")
    picture(officer_a, "card-holders", height=760)
    holder = officer_a.locator("input[name=member]:enabled").nth(3)
    name = (holder.get_attribute("aria-label") or "").removeprefix("选择 ")
    holder.check()
    officer_a.get_by_role("button", name="挂失").click()
    expect(officer_a.get_by_role("main")).to_contain_text("提交后平台立即把卡记为“已挂失”")
    officer_a.get_by_role("button", name="提交挂失申请").click()
    expect(officer_a.get_by_role("main")).to_contain_text("请填写原因")
    look(officer_a, "cards-report")
    officer_a.get_by_label("原因").fill("会员在地铁上丢失")
    officer_a.get_by_role("button", name="提交挂失申请").click()
    expect(officer_a.locator("#messages")).to_contain_text("已提交挂失申请 1 人")
    officer_a.goto("/cards/holders/")
    officer_a.get_by_label("姓名搜索").fill(name)
    officer_a.get_by_role("button", name="查询").click()
    expect(officer_a.get_by_role("table", name="会员卡")).to_contain_text("已挂失")
    officer_a.get_by_role("table", name="会员卡").get_by_role("row").filter(has_text="已挂失").get_by_role(
        "link"
    ).click()
    officer_a.get_by_role("button", name="显示完整卡号").click()
    expect(officer_a.get_by_role("main")).to_contain_text("这次查看已经记录")
    look(officer_a, "cards-card")
    picture(officer_a, "card-life", height=900)


def test_the_ledger_and_another_try(city: Page):
    city.goto("/cards/ledger/")
    look(city, "cards-ledger")
    picture(city, "card-ledger", height=900)
    city.get_by_role("link", name=re.compile("改正资料")).click()
    expect(city.get_by_role("table", name="办理中的批次")).to_contain_text(UNION_A.employer)
    city.goto("/cards/desk/")
    city.get_by_role("row").filter(has_text="失败 2").get_by_role("link").click()
    expect(city.get_by_role("table", name="订单中的会员")).to_contain_text("E01")
    look(city, "cards-order-failed")
    city.get_by_role("button", name="重新制卡").click()
    expect(city.locator("#messages")).to_contain_text("重新制卡 2 人")
    expect(city.get_by_role("button", name="导出制卡文件")).to_be_visible(timeout=30_000)
    city.get_by_text("取消订单").click()
    look(city, "cards-order-cancel")
    city.get_by_role("button", name="确认取消").click()
    expect(city.locator("#messages")).to_contain_text("已取消")


@pytest.fixture
def officer_a(page_of: Callable[[str], Page]) -> Page:
    return page_of(UNION_A.email)
