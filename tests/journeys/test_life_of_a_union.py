"""Chapter 2, once a union is approved: 修改, 转移 and 撤销, seen by the officer and by the superiors."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import UNION_B
from tests.journeys.mailbox import Mailbox
from tests.journeys.pages import choose, look, picture
from tests.journeys.steps import Newcomer, approve, approve_filing, file, open_review, person, register

OTHER_STREET, CITY = "xinjiangwan@demo.test", "city@demo.test"
OPINION = "换届日期请附换届批复。"


@pytest.fixture
def officer(page: Page, mailbox: Mailbox, newcomer: Newcomer, street: Page) -> Page:
    """The officer of an approved union, on its page."""
    register(page, mailbox, newcomer)
    file(page, newcomer)
    approve_filing(street, newcomer)
    page.goto("/filings/")
    return page


def test_amended_returned_and_approved(officer: Page, street: Page, newcomer: Newcomer, mailbox: Mailbox):
    look(officer, "union-acts")
    officer.get_by_role("link", name="修改", exact=True).click()
    expect(officer.get_by_role("main")).to_contain_text("不能修改的内容")
    look(officer, "amend")
    officer.get_by_label("换届日期").fill("2016-01-01")
    officer.get_by_label("工会负责人").fill("")
    officer.get_by_role("button", name="提交").click()
    expect(officer.get_by_role("alert")).to_contain_text("有 2 处需要修改")
    look(officer, "amend-mistakes")
    officer.get_by_label("换届日期").fill("2031-07-24")
    officer.get_by_label("工会负责人").fill(newcomer.leader)
    officer.get_by_label("职工人数").fill("120")
    officer.get_by_role("button", name="保存草稿").click()
    officer.get_by_role("link", name="组织管理").first.click()
    expect(officer.get_by_role("main")).to_contain_text("没有提交的修改草稿")
    officer.get_by_role("link", name="继续修改").click()
    officer.get_by_role("button", name="提交").dblclick()
    expect(officer.get_by_role("main")).to_contain_text("以下资料仍然有效")
    expect(officer.get_by_role("main")).to_contain_text("2030-07-24")
    look(officer, "union-amending")

    open_review(street, newcomer.employer)
    expect(street.locator("mark")).to_have_text(["2031-07-24", "120"])
    look(street, "review-amendment")
    picture(street, "amendment")
    street.get_by_label("审批意见").fill(OPINION)
    street.get_by_role("button", name="退回", exact=True).click()
    assert OPINION in mailbox.wait_for(newcomer.email, "修改被退回").get_content()

    officer.goto("/filings/amend/")
    expect(officer.get_by_role("main")).to_contain_text(OPINION)
    expect(officer.get_by_label("职工人数")).to_have_value("120")
    look(officer, "amend-returned")
    officer.get_by_label("职工人数").fill("130")
    officer.get_by_role("button", name="提交").click()
    approve_filing(street, newcomer)
    officer.goto("/filings/")
    expect(officer.get_by_role("main")).to_contain_text("130")
    expect(officer.get_by_role("main")).to_contain_text("2031-07-24")
    look(officer, "union-amended")


def test_relocated_when_both_superiors_approve(
    officer: Page, street: Page, page_of: Callable[[str], Page], newcomer: Newcomer
):
    officer.get_by_role("link", name="转移", exact=True).click()
    look(officer, "relocate-way")
    officer.get_by_role("link", name="区局（局区）转移").click()
    expect(officer.get_by_role("main")).to_contain_text("转入产业局")
    look(officer, "relocate-across")
    officer.get_by_role("link", name="返回").click()
    officer.get_by_role("link", name="区区（局局）转移").click()
    officer.get_by_role("button", name="提交").click()
    expect(officer.get_by_role("alert")).to_contain_text("有 2 处需要修改")
    look(officer, "relocate-mistakes")
    choose(officer, "转入区总工会", "杨浦区")
    choose(officer, "转入街镇(开发区)工会", "新江湾城")
    officer.get_by_label("转移原因").fill("单位搬迁到新江湾城。")
    look(officer, "relocate")
    officer.get_by_role("button", name="提交").click()
    expect(officer.get_by_role("main")).to_contain_text("转入方上级")
    look(officer, "union-relocating")

    other = page_of(OTHER_STREET)
    open_review(other, newcomer.employer)
    expect(other.get_by_role("main")).to_contain_text("单位搬迁到新江湾城。")
    look(other, "review-relocation-receiving")
    picture(other, "relocation")
    other.get_by_role("button", name="审核通过").click()
    expect(other.locator("#messages")).to_contain_text("还要等另一方的上级工会审核")
    officer.reload()
    expect(officer.locator(".pending-steps")).to_contain_text("审核通过")
    expect(officer.locator(".pending-steps")).to_contain_text("等待审核")
    expect(officer.get_by_role("button", name="撤回申请")).to_be_visible()
    look(officer, "union-half-relocated")

    open_review(street, newcomer.employer)
    look(street, "review-relocation-releasing")
    approve(street)
    officer.reload()
    expect(officer.locator("dt:text-is('所属上级工会') + dd")).to_have_text("杨浦区 新江湾城街道")
    street.goto("/reviews/?tab=done")
    street.get_by_role("row", name=newcomer.employer).first.get_by_role("link", name="查看").click()
    expect(street.get_by_role("heading", level=1)).to_contain_text(newcomer.employer)
    expect(street.get_by_role("link", name="工会页面")).to_have_count(0)
    look(street, "review-relocation-kept")


def test_a_relocation_is_withdrawn(officer: Page, newcomer: Newcomer):
    officer.goto("/filings/relocate/?way=within")
    choose(officer, "转入街镇(开发区)工会", "新江湾城")
    officer.get_by_label("转移原因").fill("单位搬迁。")
    officer.get_by_role("button", name="提交").click()
    officer.get_by_role("button", name="撤回申请").click()
    expect(officer.locator("#messages")).to_contain_text("已撤回组织转移")
    expect(officer.get_by_role("link", name="转移", exact=True)).to_be_visible()


def test_merged_and_restored_by_the_city(
    officer: Page, street: Page, page_of: Callable[[str], Page], newcomer: Newcomer, mailbox: Mailbox
):
    one = person()
    officer.goto("/members/add/")
    officer.get_by_label("姓名").fill(one.name)
    officer.get_by_label("证件号码").fill(one.resident_id)
    officer.get_by_label("移动电话").fill(one.mobile)
    officer.get_by_role("button", name="保存").click()
    expect(officer.locator("#messages")).to_contain_text("已新增会员")

    officer.goto("/filings/")
    officer.get_by_text("撤销", exact=True).click()
    look(officer, "union-ends")
    officer.get_by_role("link", name="合并", exact=True).click()
    expect(officer.get_by_role("heading", name="撤销的影响")).to_be_visible()
    look(officer, "dissolve")
    officer.get_by_label("合并到").fill("没有这家工会")
    expect(officer.locator("#heir")).to_contain_text("没有找到")
    officer.get_by_label("合并到").fill(UNION_B.employer)
    expect(officer.locator("#heir")).to_contain_text("请核对")
    officer.get_by_label("撤销原因").fill("两家单位合并。")
    officer.get_by_label("以确认撤销").fill("1")
    officer.get_by_role("button", name="确认撤销").click()
    expect(officer.get_by_role("alert")).to_contain_text("不一致")
    look(officer, "dissolve-mistakes")
    picture(officer, "dissolve")
    officer.get_by_label("以确认撤销").fill(officer.locator("p b.num").last.inner_text())
    officer.get_by_role("button", name="确认撤销").click()
    expect(officer.get_by_role("main")).to_contain_text(f"合并到{UNION_B.employer}工会")
    look(officer, "union-dissolved")
    mailbox.wait_for(UNION_B.email, "已合并到本工会")

    street.goto("/filings/dissolutions/")
    look(street, "dissolutions")
    street.get_by_role("row", name=newcomer.employer).get_by_role("link", name="查看").click()
    expect(street.get_by_role("main")).to_contain_text("市总工会可以在 30 天内恢复")
    look(street, "dissolution-street")

    city = page_of(CITY)
    city.goto("/filings/dissolutions/")
    city.get_by_role("row", name=newcomer.employer).get_by_role("link", name="查看").click()
    look(city, "dissolution-city")
    city.get_by_label("恢复原因").fill("合并有误。")
    city.get_by_role("button", name="恢复工会").click()
    expect(city.locator("#messages")).to_contain_text("1 名会员已回到该工会")
    look(city, "dissolution-restored")
    officer.goto("/members/")
    expect(officer.get_by_role("row", name=one.name)).to_be_visible()
    officer.goto("/filings/")
    expect(officer.get_by_role("link", name="修改", exact=True)).to_be_visible()
    look(officer, "union-restored")
