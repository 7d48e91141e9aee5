"""The city, a district and a street look at their figures of a past month (SPEC 5.3)."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.pages import field, look


def opened(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("link", name="统计分析").first.click()
    expect(page.get_by_role("heading", name="统计分析", level=1)).to_be_visible()


def test_the_city_goes_down_the_tree_through_a_past_month(page_of: Callable[[str], Page]):
    city = page_of("city@demo.test")
    opened(city)
    look(city, "statistics-city")
    field(city, "分组").select_option(label="年龄段")
    field(city, "口径").select_option(label="更正后")
    city.get_by_role("button", name="查询").press("Enter")
    expect(city.get_by_role("heading", name="按年龄段")).to_be_visible()
    expect(city.get_by_role("main")).to_contain_text("已知的资料重新统计")
    city.get_by_role("link", name="去年末").click()
    below = city.get_by_role("table", name="各下级工会的会员变动")
    below.get_by_role("link", name="杨浦区").click()
    expect(city.get_by_role("main")).to_contain_text("期末")
    expect(city.get_by_role("heading", name="按年龄段")).to_be_visible()
    city.get_by_role("table", name="会员按年龄段").get_by_role("row", name="35 至 44 岁").get_by_role(
        "link"
    ).last.click()
    expect(city.get_by_role("heading", level=1)).to_contain_text("女会员，35 至 44 岁")
    look(city, "statistics-number-of-a-district")
    city.go_back()
    below.get_by_role("link", name="五角场街道").click()
    look(city, "statistics-street-of-the-city")
    city.get_by_role("navigation", name="位置").get_by_role("link", name="杨浦区").click()
    expect(city.get_by_role("heading", name="统计分析", level=1)).to_contain_text("杨浦区总工会")


def test_a_district_is_told_what_a_day_cannot_show_and_goes_on(page_of: Callable[[str], Page]):
    district = page_of("yangpu@demo.test")
    opened(district)
    field(district, "截至").fill("2199-12-31")
    district.get_by_role("button", name="查询").click()
    expect(district.get_by_role("alert")).to_contain_text("这一天还没有结束")
    expect(field(district, "截至")).to_have_value("2199-12-31")
    look(district, "statistics-wrong")
    district.get_by_role("link", name="上月末").click()
    expect(district.get_by_role("table", name="各下级工会的会员变动")).to_be_visible()
    look(district, "statistics-district")


def test_a_street_sees_its_unions_and_opens_one(page_of: Callable[[str], Page]):
    street = page_of("wujiaochang@demo.test")
    opened(street)
    look(street, "statistics-street")
    row = street.get_by_role("table", name="各下级工会的会员变动").get_by_role("row", name="上海示例科技有限公司工会")
    row.get_by_role("link").last.click()
    expect(street.get_by_role("heading", level=1)).to_contain_text("期末")
    expect(street.get_by_role("table", name="期末的名单").get_by_role("row")).to_have_count(21)
    look(street, "statistics-behind-a-number")
    street.go_back()
    street.get_by_role("link", name="上海示例科技有限公司工会").first.click()
    expect(street.get_by_role("heading", level=1)).to_contain_text("上海示例科技有限公司工会")
