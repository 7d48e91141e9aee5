"""The city demands the second factor of superiors: of itself first, told whom it would stop, felt at once (SPEC 5.4)."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages import PASSWORD, code_of, field, look, picture

SWITCH = "上级工会账号使用动态口令"


@pytest.fixture
def city(page_of: Callable[[str], Page]) -> Iterator[Page]:
    """Afterwards it demands nothing more, and signs in without a code: others come after this journey."""
    page = page_of("city@demo.test")
    yield page
    if choose(page, "按平台的预设：不要求"):
        page.get_by_role("button", name="确认保存").click()
        expect(page.locator("#messages")).to_contain_text("已保存")
    unbind(page)


def choose(page: Page, demand: str) -> bool:
    """Sends the form with the switch so; whether a confirmation is asked for."""
    page.goto("/policies/")
    page.get_by_label(SWITCH).select_option(demand)
    page.get_by_role("button", name="保存").click()
    page.wait_for_load_state()
    return page.get_by_role("button", name="确认保存").count() > 0


def bind(page: Page) -> None:
    """From the page that asks for the password, or for the code at once when it has been given lately."""
    if page.get_by_role("heading", name="确认身份").count():
        field(page, "密码").fill(PASSWORD)
        page.get_by_role("button", name="确认").click()
    page.locator("#id_code").fill(code_of(page.locator("code.secret").inner_text()))
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_role("heading", name="恢复码")).to_be_visible()


def unbind(page: Page) -> None:
    page.goto("/accounts/2fa/totp/deactivate/")
    button = page.get_by_role("button", name="停用动态口令")
    if button.count():
        button.click()
        expect(page.locator("#messages")).to_contain_text("停用")


def test_the_city_demands_the_second_factor_and_a_street_binds_one(city: Page, page_of: Callable[[str], Page]):
    street, union, district = (page_of(f"{who}@demo.test") for who in ("wujiaochang", "union-a", "yangpu"))
    city.get_by_role("link", name="组织管理").first.click()
    city.get_by_role("link", name="规则设定").first.click()
    expect(city.get_by_role("heading", level=1)).to_contain_text("规则设定")
    look(city, "rules")
    picture(city, "policies", height=1200)

    assert not choose(city, "要求")
    expect(city.get_by_role("alert")).to_contain_text("您自己的账号还没有启用动态口令")
    expect(city.get_by_label(SWITCH)).to_have_value("yes")
    look(city, "rules-refused")
    city.get_by_role("link", name="账号设置").last.click()
    city.get_by_role("link", name="设置动态口令").click()
    city.get_by_role("link", name="启用").click()
    bind(city)

    assert choose(city, "要求")
    expect(city.get_by_role("main")).to_contain_text("个上级工会的账号还没有启用动态口令，打开下一个页面时要先启用")
    look(city, "rules-confirm")
    city.get_by_role("button", name="返回修改").click()
    expect(city.get_by_label(SWITCH)).to_have_value("yes")
    city.get_by_role("button", name="保存").click()
    city.get_by_role("button", name="确认保存").click()
    expect(city.locator("#messages")).to_contain_text("已保存，从现在起执行")
    look(city, "rules-saved")

    union.goto("/members/")
    expect(union.get_by_role("heading", name="会员管理")).to_be_visible()
    street.goto("/members/")
    expect(street.get_by_role("main")).to_contain_text("按照市总工会的要求，上级工会的账号要先启用动态口令")
    look(street, "rules-street-must-bind")
    bind(street)
    street.goto("/members/")
    expect(street.get_by_role("heading", name="会员管理")).to_be_visible()
    street.goto("/unions/")
    street.get_by_role("link", name="规则设定").first.click()
    expect(street.get_by_role("row", name=SWITCH)).to_contain_text("要求")
    look(street, "rules-of-a-street")

    district.goto("/notices/")
    expect(district.get_by_role("main")).to_contain_text("按照市总工会的要求")
    choose(city, "不要求")
    look(city, "rules-confirm-off")
    city.get_by_role("button", name="确认保存").click()
    unbind(street)
    district.goto("/notices/")
    expect(district.get_by_role("main")).to_contain_text("上级工会账号使用动态口令：要求 → 不要求")
    look(district, "rules-told")
    district.goto("/policies/")
    expect(district.get_by_role("heading", level=1)).to_contain_text("杨浦区总工会的规则设定")
    look(district, "rules-of-a-district")
    field(district, "会员转移审核期限（天）").fill("16")
    district.get_by_role("button", name="保存").click()
    expect(district.get_by_role("alert")).to_contain_text("本级只能更严，不能放宽")
    look(district, "rules-of-a-district-refused")
