"""The city requires 农民工数; an officer sees the gap in the inspection, mends it, and confirms (SPEC 2.7)."""

from collections.abc import Callable, Iterator

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import UNION_B
from tests.journeys.pages import field, look
from tests.journeys.steps import approve, open_by_enter

STREET = "xinjiangwan@demo.test"
GAP = "没有填写农民工数，市总工会要求必填，请补填。"


def decide(city: Page, choice: str) -> None:
    """From today on, by the form, the count and the confirmation."""
    city.goto("/policies/columns/")
    city.get_by_role("region", name="工会信息").get_by_role("link", name="修改").click()
    field(city, "从哪一天起执行").fill(localdate().isoformat())
    field(city, "农民工数").select_option(choice)
    city.get_by_role("button", name="保存并统计").click()
    expect(city.get_by_role("button", name="确认执行")).to_be_visible(timeout=60_000)
    look(city, f"union-columns-draft-{choice}")
    city.get_by_role("button", name="确认执行").click()
    expect(city.locator("#messages")).to_contain_text("已确认")


@pytest.fixture
def city(page_of: Callable[[str], Page]) -> Iterator[Page]:
    """Afterwards it asks for this no more: other journeys file and amend, too."""
    page = page_of("city@demo.test")
    yield page
    decide(page, "不收")


def test_the_city_requires_a_column_and_an_officer_mends_the_gap_and_confirms(
    city: Page, page_of: Callable[[str], Page]
):
    decide(city, "必填")
    expect(city.get_by_role("row", name="农民工数")).to_contain_text("必填")

    officer, street = page_of(UNION_B.email), page_of(STREET)
    street.goto("/inspections/")
    expect(street.get_by_role("main")).to_contain_text("家工会的资料缺少市总工会要求必填的项目")
    look(street, "union-columns-incomplete")
    street.get_by_role("link", name="查看这些工会").click()
    expect(street.get_by_role("main")).to_contain_text(f"{UNION_B.employer}工会")

    officer.goto("/inspections/")
    line = officer.get_by_role("listitem").filter(has_text=GAP)
    look(officer, "union-columns-gap")
    line.get_by_role("link", name="去修改").click()
    expect(field(officer, "农民工数")).to_be_in_viewport()
    look(officer, "union-columns-amend")
    field(officer, "农民工数").fill("999999")
    officer.get_by_role("button", name="提交").click()
    expect(officer.get_by_role("main")).to_contain_text("农民工数 999999 人，多于职工人数")
    expect(field(officer, "农民工数")).to_have_value("999999")
    field(officer, "农民工数").fill("0")
    officer.get_by_role("button", name="提交").click()
    expect(officer.locator("#messages")).to_contain_text("已提交")

    street.get_by_role("link", name="待办审核").first.click()
    request = street.get_by_role("row", name=UNION_B.employer).filter(has_text="资料修改")
    open_by_enter(request.get_by_role("link", name="审核"))
    expect(street.get_by_role("main")).to_contain_text("农民工数")
    look(street, "union-columns-review")
    approve(street)

    officer.goto("/inspections/")
    expect(officer.get_by_role("main")).not_to_contain_text(GAP)
    officer.get_by_role("link", name="已完成年检信息更新").click()
    expect(officer.get_by_role("main")).not_to_contain_text(GAP)
    officer.get_by_label("以上信息已核对无误").check()
    officer.get_by_role("button", name="已完成年检信息更新").click()
    expect(officer.locator("#messages")).to_contain_text("已完成")
