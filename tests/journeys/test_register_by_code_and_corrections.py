"""Chapter 4.1, the third way: members by organisation code; and what a member's card shows, corrected by review."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import UNION_A, UNION_B, UNION_C
from tests.journeys.pages import look, picture
from tests.journeys.steps import approve, open_by_enter

OTHER_STREET = "xinjiangwan@demo.test"


def test_by_the_own_code_at_once_chosen_and_all(page_of: Callable[[str], Page]):
    officer = page_of(UNION_C.email)
    officer.goto("/members/")
    officer.get_by_role("link", name="组织机构代码导入会员").click()
    expect(officer.get_by_label("组织机构代码")).not_to_have_value("")
    officer.get_by_role("button", name="查询").click()
    people = officer.get_by_role("table", name="可以导入的人员").locator("tbody tr")
    expect(people).to_have_count(6)
    look(officer, "by-code")
    picture(officer, "by-code", height=760)
    people.first.get_by_role("checkbox").check()
    officer.get_by_role("button", name="确认导入").click()
    expect(officer.locator("#messages")).to_contain_text("导入会员 1 人")
    officer.get_by_role("button", name="全部导入").click()
    expect(officer.locator("#messages")).to_contain_text("导入会员 5 人")
    expect(officer.get_by_role("main")).to_contain_text("会员库中没有与此组织机构代码绑定的会员")
    look(officer, "by-code-none")


def test_by_another_code_masked_and_reviewed(page_of: Callable[[str], Page]):
    """Two of union A have retired: bound to its code, in no union."""
    theirs = page_of(UNION_A.email)
    theirs.goto("/members/by-code/")
    code = theirs.get_by_label("组织机构代码").input_value()
    officer = page_of(UNION_B.email)
    officer.goto("/members/by-code/")
    officer.get_by_label("组织机构代码").fill("700000000")
    officer.get_by_role("button", name="查询").click()
    expect(officer.get_by_role("alert")).to_contain_text("校验")
    look(officer, "by-code-wrong")
    officer.get_by_label("组织机构代码").fill(code)
    officer.get_by_role("button", name="查询").click()
    expect(officer.get_by_role("main")).to_contain_text("这不是本单位的代码")
    expect(officer.locator("td.name").first).to_contain_text("*")
    look(officer, "by-another-code")
    officer.get_by_role("button", name="全部导入").click()
    expect(officer.locator("#messages")).to_contain_text("已提交上级工会审核")
    reviewer = page_of(OTHER_STREET)
    reviewer.goto("/reviews/")
    open_by_enter(reviewer.get_by_role("row", name="组织机构代码导入").first.get_by_role("link", name="审核"))
    look(reviewer, "review-code-import")
    approve(reviewer)
    officer.reload()
    expect(officer.get_by_role("table", name="历史导入记录").locator("tbody tr").first).to_contain_text("导入成功")
    look(officer, "by-code-done")


def test_a_carded_members_name_is_corrected_by_review(page_of: Callable[[str], Page], street: Page):
    officer = page_of(UNION_A.email)
    officer.goto("/members/?size=10")
    row = officer.locator("table.members tbody tr").nth(4)
    name = row.locator("td.name").inner_text()
    row.get_by_role("link", name="编辑").click()
    expect(officer.get_by_role("main")).to_contain_text("这名会员已办会员卡")
    look(officer, "member-edit-carded")
    officer.get_by_label("姓名").fill(f"{name[:-1]}君")
    officer.get_by_label("学历").select_option("硕士研究生")
    officer.get_by_role("button", name="保存").click()
    expect(officer.locator("#messages")).to_contain_text("姓名的修改已提交上级工会审核，通过后生效。其他修改已保存")
    expect(officer.get_by_role("heading", level=1)).to_have_text(name)
    look(officer, "member-correction-waiting")
    picture(officer, "member-correction", height=620)

    street.goto("/reviews/")
    open_by_enter(street.get_by_role("row", name=name).filter(has_text="会员信息修改").get_by_role("link", name="审核"))
    expect(street.get_by_role("main")).to_contain_text(f"{name[:-1]}君")
    street.get_by_role("button", name="显示完整号码").click()
    expect(street.get_by_role("main")).to_contain_text("这次查看已经记录")
    look(street, "review-correction")
    picture(street, "review-correction", height=700)
    street.get_by_label("审批意见").fill("请附身份证复印件。")
    street.get_by_role("button", name="退回").click()

    officer.reload()
    expect(officer.get_by_role("main")).to_contain_text("请附身份证复印件")
    look(officer, "member-correction-returned")
    officer.get_by_role("link", name="重新提交").click()
    expect(officer.get_by_label("姓名")).to_have_value(f"{name[:-1]}君")
    officer.get_by_role("button", name="保存").click()
    street.goto("/reviews/")
    open_by_enter(street.get_by_role("row", name=name).filter(has_text="会员信息修改").get_by_role("link", name="审核"))
    expect(street.get_by_role("main")).to_contain_text("第 2 次提交")
    approve(street)
    officer.reload()
    expect(officer.get_by_role("heading", level=1)).to_have_text(f"{name[:-1]}君")
    officer.get_by_role("link", name="修改记录").click()
    expect(officer.get_by_role("main")).to_contain_text("提交审核的修改")
    look(officer, "member-versions-corrected")
