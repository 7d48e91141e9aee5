"""The city adds, renames, moves and closes superior unions, as its districts are reorganised (SPEC 5.4)."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.pages import choose, field, look

NEW = "上海火车站地区工会"


def test_a_street_is_added_renamed_moved_and_another_one_closed_with_its_unions_handed_on(
    page_of: Callable[[str], Page],
):
    city = page_of("city@demo.test")
    city.get_by_role("link", name="组织管理", exact=True).click()
    city.get_by_role("main").get_by_role("link", name="静安区总工会", exact=True).click()
    look(city, "tree-district")

    city.get_by_role("link", name="新增下级").click()
    field(city, "名称").fill(NEW)
    field(city, "代码").fill("007500")
    city.get_by_role("button", name="下一步，查看影响").click()
    expect(city.get_by_role("alert")).to_contain_text("代码的前 3 位应为静安区总工会的代码 006")
    expect(field(city, "名称")).to_have_value(NEW)
    look(city, "tree-add-wrong")
    field(city, "代码").fill("006500")
    city.get_by_role("button", name="下一步，查看影响").click()
    expect(city.get_by_role("heading", name="请确认")).to_be_visible()
    look(city, "tree-add-confirm")
    confirm(city)
    city.get_by_role("link", name=f"查看{NEW}").click()

    city.get_by_role("link", name="改名").click()
    field(city, "名称").fill("上海站地区工会")
    city.get_by_role("button", name="下一步，查看影响").click()
    confirm(city)
    city.get_by_role("link", name="查看上海站地区工会").click()
    expect(city.get_by_role("main")).to_contain_text(f"曾用名：{NEW}")
    look(city, "tree-former-name")

    city.get_by_role("link", name="调整上级").click()
    choose(city, "新的上级", "虹口区")
    field(city, "依据").fill("沪工〔2026〕8号")
    city.get_by_role("button", name="下一步，查看影响").click()
    expect(city.get_by_role("main")).to_contain_text("由静安区总工会转到虹口区总工会")
    look(city, "tree-move-confirm")
    confirm(city)
    expect(city.get_by_role("main")).to_contain_text("已完成", timeout=60_000)
    look(city, "tree-moved")
    city.get_by_role("link", name="查看上海站地区工会").click()
    expect(city.get_by_role("navigation", name="位置")).to_contain_text("虹口区")

    closing = open_a_street_with_unions(city)
    city.get_by_role("link", name="撤销", exact=True).click()
    field(city, "依据").fill("沪工〔2026〕9号")
    city.get_by_role("button", name="下一步，查看影响").click()
    expect(city.get_by_role("alert")).to_contain_text("不能直接撤销。请选择接收它们的工会，一并转交。")
    expect(field(city, "依据")).to_have_value("沪工〔2026〕9号")
    look(city, "tree-close-wrong")
    choose(city, "接收的工会", "上海站地区")
    city.get_by_role("button", name="下一步，查看影响").click()
    expect(city.get_by_role("main")).to_contain_text("全部转给上海站地区工会")
    look(city, "tree-close-confirm")
    confirm(city)
    expect(city.get_by_role("main")).to_contain_text("已完成", timeout=60_000)
    look(city, "tree-closed")
    city.get_by_role("link", name=f"查看{closing.removesuffix('工会')}").click()
    expect(city.get_by_role("main")).to_contain_text("已撤销，不能再选择")
    expect(city.get_by_role("link", name="撤销", exact=True)).to_have_count(0)
    look(city, "tree-closed-union")
    city.get_by_role("link", name="变动记录").click()
    expect(city.get_by_role("table").locator("tbody tr").first).to_contain_text("撤销")
    look(city, "tree-changes")


def confirm(city: Page) -> None:
    city.get_by_role("button", name="确认办理").click()
    city.wait_for_url("**/superiors/changes/*/")


def open_a_street_with_unions(city: Page) -> str:
    """The first street of 浦东新区 with unions below it; gives its name."""
    city.goto("/unions/")
    city.get_by_role("main").get_by_role("link", name="浦东新区总工会", exact=True).click()
    city.wait_for_url("**/unions/*/")
    rows = city.get_by_role("table").first.locator("tbody tr")
    row = next(
        row for row in rows.all() if int(row.locator("[data-label=基层工会]").inner_text().replace(",", "") or 0) > 0
    )
    link = row.get_by_role("link").first
    name = link.inner_text().strip()
    link.click()
    return name
