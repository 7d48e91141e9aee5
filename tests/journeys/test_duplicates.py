"""People who are registered twice: judged, merged, agreed to by another union, and parted again (SPEC 5.6)."""

from collections.abc import Callable
from datetime import timedelta

from django.utils.timezone import localdate
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import JOINT, OTHER_JOINT, SUPERIORS
from tests.journeys.pages import field, look

XINJIANGWAN = next(account.email for account in SUPERIORS if account.email.startswith("xinjiangwan"))
YANGPU = next(account.email for account in SUPERIORS if account.email.startswith("yangpu"))


def opened(page: Page, home_link: str, name: str) -> None:
    """The pairs that wait, from the front page, and of them the one of this name."""
    page.goto("/home/")
    page.get_by_role("main").get_by_role("link", name=home_link).first.click()
    look(page, "duplicates")
    page.get_by_role("row").filter(has_text=name).get_by_role("link").first.click()


def test_a_foreigner_with_a_passport_and_then_a_permit_becomes_one_member_and_two_again(page_of: Callable[[str], Page]):
    page = page_of(JOINT.email)
    opened(page, "疑似重复会员待核对", "换过证件")
    older, younger = page.get_by_role("main").locator(".page-actions").first.get_by_role("link").all_inner_texts()
    expect(page.get_by_role("row", name="有效证件类型")).to_contain_text("外国人永久居留身份证")
    expect(page.get_by_role("main")).not_to_contain_text("ITA310119830412")
    page.get_by_role("button", name="显示完整号码").click()
    expect(page.get_by_role("main")).to_contain_text("ITA310119830412")
    look(page, "duplicate-pair")

    field(page, "说明").fill("已看过护照和永久居留身份证")
    page.get_by_role("button", name="全部用较早的记录").click()
    expect(page.get_by_role("radio", name="移动电话用较早的记录")).to_be_checked()
    expect(field(page, "说明")).to_have_value("已看过护照和永久居留身份证")
    page.get_by_role("radio", name="有效证件用较晚的记录").check()
    look(page, "duplicate-chosen")
    page.get_by_role("button", name="合并", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("已合并为一名会员。")
    expect(page.get_by_role("main")).to_contain_text(f"{younger.strip()}\n是曾用编号")
    look(page, "duplicate-merged")

    page.goto("/members/")
    field(page, "会员编号搜索").fill(younger.strip())
    page.get_by_role("button", name="查询").click()
    row = page.get_by_role("row").filter(has_text=older.strip())
    expect(row).to_contain_text("外国人永久居留身份证")

    page.goto("/duplicates/?state=merged")
    page.get_by_role("row").filter(has_text=older.strip()).get_by_role("link").first.click()
    page.get_by_role("button", name="撤销合并").click()
    expect(page.locator("#messages")).to_contain_text("已撤销合并，恢复为两条记录。")
    expect(page.get_by_role("row", name="会员编号")).to_contain_text(younger.strip())


def test_what_another_union_has_to_agree_to_and_what_the_district_judges(page_of: Callable[[str], Page]):
    union, street, district = page_of(OTHER_JOINT.email), page_of(XINJIANGWAN), page_of(YANGPU)
    union.goto("/home/")
    union.get_by_role("main").get_by_role("link", name="重复会员合并待同意").first.click()
    look(union, "duplicates-asked")
    union.get_by_role("row").filter(has_text="待工会同意").get_by_role("link").first.click()
    expect(union.get_by_role("main")).to_contain_text(f"{localdate() + timedelta(days=12):%Y-%m-%d}")
    name = union.get_by_role("heading", level=1).inner_text().removesuffix("合并请求")
    union.get_by_role("button", name="不同意").click()
    expect(union.get_by_role("main")).to_contain_text("不同意时必须填写原因")
    field(union, "意见").fill("与本人核实，已到对方单位工作。")
    look(union, "duplicate-consent")
    union.get_by_role("button", name="同意合并").click()
    expect(union.locator("#messages")).to_contain_text("已同意，两条记录已合并。")

    street.goto("/notices/")
    street.get_by_role("button").filter(has_text="工会同意合并重复会员").first.click()
    expect(street.get_by_role("heading", level=1)).to_contain_text(name)
    expect(street.get_by_role("table", name="办理记录")).to_contain_text("已到对方单位工作")
    look(street, "duplicate-agreed")

    opened(district, "疑似重复会员待核对", "姓名、出生日期和手机号相同")
    field(district, "依据").fill("已分别与两家工会核实，是两个人。")
    district.get_by_role("button", name="不是同一人").click()
    expect(district.locator("#messages")).to_contain_text("已记录：不是同一人。")
    district.goto("/duplicates/?state=pending&level=own")
    expect(district.get_by_role("main")).to_contain_text("没有符合条件的记录")
