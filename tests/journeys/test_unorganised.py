"""A street and the city work through the employers that have no union (SPEC 5.3)."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.journeys.pages import field, look, picture


def opened(page: Page) -> Locator:
    page.get_by_role("navigation").get_by_role("link", name="统计分析").first.click()
    page.get_by_role("link", name="未建会名单").click()
    expect(page.get_by_role("heading", name="未建会名单", level=1)).to_be_visible()
    return page.get_by_role("table", name="未建会的单位")


def name_in(row: Locator) -> str:
    return row.get_by_role("cell").nth(1).inner_text()


def test_a_street_marks_two_employers_and_takes_one_back(page_of: Callable[[str], Page]):
    street = page_of("wujiaochang@demo.test")
    table = opened(street)
    rows = table.get_by_role("row")
    first, second = name_in(rows.nth(1)), name_in(rows.nth(2))
    for row in (1, 2):
        rows.nth(row).get_by_role("checkbox").check()
    expect(street.get_by_role("main")).to_contain_text("已选 2 家")
    street.get_by_role("button", name="不具备条件").click()
    expect(street.get_by_role("main")).to_contain_text("标记“不具备条件”要写明原因")
    expect(street.get_by_role("main")).to_contain_text("已选 2 家")
    street.get_by_label("说明", exact=True).fill("职工都是劳务派遣")
    look(street, "unorganised-ticked")
    street.get_by_role("button", name="不具备条件").click()
    expect(street.get_by_role("main")).to_contain_text("已将 2 家标为“不具备条件”。")
    expect(table.get_by_role("row", name=first)).to_contain_text("职工都是劳务派遣")
    table.get_by_role("row", name=second).get_by_role("checkbox").check()
    expect(street.get_by_role("main")).to_contain_text("已选 1 家")
    street.get_by_role("button", name="取消标记").click()
    expect(street.get_by_role("main")).to_contain_text("已取消 1 家的标记。")
    table.get_by_role("row", name=second).get_by_role("checkbox").check()
    street.get_by_label("说明", exact=True).fill("已电话联系，下月筹备")
    street.get_by_role("button", name="已联系").click()
    expect(table.get_by_role("row", name=second)).to_contain_text("已电话联系，下月筹备")
    look(street, "unorganised-street")
    picture(street, "unorganised")
    field(street, "标记").select_option(label="已联系")
    street.get_by_role("button", name="查询").click()
    expect(table.get_by_role("row", name=second)).to_be_visible()
    expect(table.get_by_role("row", name=first)).to_have_count(0)


def test_the_city_looks_at_one_district_and_size_and_exports(page_of: Callable[[str], Page]):
    city = page_of("city@demo.test")
    table = opened(city)
    look(city, "unorganised-city")
    street = city.get_by_role("combobox", name="所在街镇")
    street.locator("xpath=..").click()
    street.press_sequentially("新江湾城")
    expect(city.locator(".ts-dropdown:visible .option.active", has_text="新江湾城")).to_be_visible()
    street.press("Enter")
    field(city, "职工人数").select_option(label="100 至 299 人")
    city.get_by_role("button", name="查询").click()
    expect(table.get_by_role("row").nth(1)).to_contain_text("新江湾城")
    with city.expect_download() as download:
        city.get_by_role("button", name="导出 Excel").click()
    assert download.value.suggested_filename.startswith("未建会名单_")
    city.goto("/registers/unorganised/?staff=7")
    expect(city.get_by_role("alert")).to_contain_text("查询条件不正确")
    look(city, "unorganised-wrong")
