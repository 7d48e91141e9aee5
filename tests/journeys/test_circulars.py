"""A district sends a work notice; its unions read and confirm it, and the district sees who has (SPEC 5.4)."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.pages import field, look

TITLE = "关于开展职工书屋建设情况调查的通知"


def test_a_district_sends_a_notice_its_unions_confirm_it_and_it_is_recalled(page_of: Callable[[str], Page]):
    district = page_of("yangpu@demo.test")
    district.get_by_role("link", name="工作通知").first.click()
    look(district, "circulars-received")
    district.get_by_role("link", name="发出的").click()
    look(district, "circulars-sent")
    district.get_by_role("link", name="起草通知").click()
    field(district, "标题").fill(TITLE)
    district.get_by_role("button", name="保存并预览").click()
    expect(district.get_by_role("alert")).to_contain_text("内容")
    expect(field(district, "标题")).to_have_value(TITLE)
    look(district, "circulars-form-wrong")
    field(district, "内容").fill("请各单位于月底前填写职工书屋建设情况。\n\n没有书屋的也要说明打算。")
    district.get_by_label("五角场街道").check()
    district.get_by_label("需要签收").check()
    look(district, "circulars-form")
    district.get_by_role("button", name="保存并预览").click()
    look(district, "circulars-draft")
    district.get_by_role("button", name="发送给").click()
    expect(district.locator("#messages")).to_contain_text("已开始发送")
    expect(district.get_by_role("link", name="收回")).to_be_visible(timeout=30_000)

    officer = page_of("union-a@demo.test")
    expect(officer.get_by_role("main")).to_contain_text("工作通知待办理")
    look(officer, "home-with-circulars")
    officer.get_by_role("link", name="工作通知", exact=False).first.click()
    officer.get_by_role("link", name=TITLE).first.click()
    look(officer, "circular-to-confirm")
    officer.get_by_role("button", name="签收").click()
    expect(officer.locator("#messages")).to_contain_text(f"已签收《{TITLE}》")
    look(officer, "circular-confirmed")

    district.reload()
    district.get_by_role("link", name="逐家查看").click()
    look(district, "circular-receipts")
    district.get_by_label("情况", exact=True).select_option(label="已签收")
    district.get_by_role("button", name="查询").click()
    expect(district.get_by_role("table", name="逐家情况").locator("tbody tr")).to_have_count(1)
    district.go_back()
    district.go_back()
    district.get_by_role("button", name="催办").click()
    expect(district.locator("#messages")).to_contain_text("已开始催办")
    look(district, "circular-reminded")
    expect(district.get_by_role("link", name="收回")).to_be_visible(timeout=30_000)
    district.get_by_role("link", name="收回").click()
    field(district, "收回的原因").fill("范围选错，另行通知。")
    look(district, "circular-recall")
    district.get_by_role("button", name="收回通知").click()
    expect(district.locator("#messages")).to_contain_text(f"已收回《{TITLE}》")
    officer.reload()
    expect(officer.get_by_role("main")).to_contain_text("原因：范围选错，另行通知。")
    expect(officer.get_by_role("main")).not_to_contain_text("没有书屋的也要说明打算")
    look(officer, "circular-recalled")
