"""Nobody loses what was typed, ticked or looked for: sessions that end, forms that are left, lists that are come back to."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Dialog, Page, expect

from gonghui.demo_data.cast import NEWCOMER, PASSWORD, UNION_A
from tests.journeys.pages import field, look, sign_in
from tests.journeys.steps import person
from tests.journeys.test_importing_members import fill, template, under, upload
from tests.stack import Demo, gonghui

OFFICER, REVIEWER, ADMIN, CITY = UNION_A.email, "wujiaochang@demo.test", "yangpu@demo.test", "city@demo.test"
END_OF_ALL = (
    "from django.contrib.sessions.models import Session; from django.utils import timezone;"
    "Session.objects.update(expire_date=timezone.now())"
)


def end_sessions(stack: Demo) -> None:
    """As if everybody had been away for half an hour."""
    run = gonghui("manage", "shell", "-c", END_OF_ALL, env=stack.env | {"GONGHUI_DEMO": "1"})
    assert run.returncode == 0, run.stderr


@pytest.fixture
def page_of(new_page: Callable[[], Page]) -> Callable[[str], Page]:
    """Signed in just now: these tests end sessions and count their time."""

    def signed_in(email: str) -> Page:
        page = new_page()
        sign_in(page, email)
        return page

    return signed_in


def sign_in_here(page: Page, email: str) -> None:
    """On the sign-in page that is open."""
    page.get_by_label("用户名").fill(email)
    field(page, "密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()


def questions(page: Page, answer: str) -> list[str]:
    """Answers every question of the browser, and tells their kinds."""
    asked: list[str] = []

    def told(dialog: Dialog) -> None:
        asked.append(dialog.type)
        getattr(dialog, answer)()

    page.on("dialog", told)
    return asked


def in_view(page: Page, row: str) -> bool:
    return page.locator(row).evaluate(
        "one => { const box = one.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }"
    )


def test_what_was_typed_before_the_session_ended_is_there_again(page_of: Callable[[str], Page], stack: Demo):
    page, who = page_of(OFFICER), person()
    page.goto("/members/add/")
    field(page, "姓名").fill(who.name)
    page.get_by_label("移动电话").fill("19900007654")
    page.get_by_label("学历").select_option(index=3)
    end_sessions(stack)
    page.get_by_label("证件号码").fill(who.resident_id)
    page.get_by_label("证件号码").blur()
    expect(page.locator("#messages")).to_contain_text("登录已过期")
    look(page, "session-ended-field")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("/accounts/login/**")
    expect(page.get_by_role("main")).to_contain_text("登录已过期，刚才的操作没有保存")
    look(page, "session-ended-login")
    sign_in_here(page, OFFICER)
    page.wait_for_url("/members/add/")
    look(page, "session-ended-offer")
    page.get_by_role("button", name="恢复刚才填写的内容").click()
    expect(page.get_by_label("移动电话")).to_have_value("19900007654")
    expect(field(page, "姓名")).to_have_value(who.name)
    expect(page.get_by_label("证件号码")).to_have_value(who.resident_id)
    expect(page.get_by_label("学历")).not_to_have_value("")
    look(page, "session-ended-restored")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("main")).to_contain_text(f"已新增会员{who.name}")


def test_what_was_mended_in_an_import_before_the_session_ended_is_there_again(
    page_of: Callable[[str], Page], stack: Demo, tmp_path: Path
):
    page = page_of(OFFICER)
    page.goto("/imports/members/")
    path = fill(template(page, tmp_path), [person() for _ in range(60)])
    book = load_workbook(path)
    for row in range(2, 62):
        book.active[f"{under(book, '学历')}{row}"], book.active[f"{under(book, '移动电话')}{row}"] = "博士后", "1"
    book.save(path)
    upload(page, path)
    page.goto(page.url + "edit/?size=100")
    page.get_by_label("把这 60 行的“学历”都改为").select_option("初中")
    for row, mobile in ((2, "19900001111"), (3, "19900002222"), (9, "19900003333")):
        page.get_by_label(f"第 {row} 行，移动电话").fill(mobile)
    page.get_by_label("不导入第 8 行").check()
    end_sessions(stack)
    page.get_by_role("button", name="保存并重新检查").click()
    page.wait_for_url("/accounts/login/**")
    sign_in_here(page, OFFICER)
    page.wait_for_url("/imports/*/edit/**")
    page.get_by_role("button", name="恢复刚才填写的内容").click()
    for row, mobile in ((2, "19900001111"), (3, "19900002222"), (9, "19900003333"), (10, "1")):
        expect(page.get_by_label(f"第 {row} 行，移动电话")).to_have_value(mobile)
    expect(page.get_by_label("第 10 行，学历")).to_have_value("初中")
    expect(page.get_by_label("不导入第 8 行")).to_be_checked()
    page.get_by_role("button", name="保存并重新检查").click()
    expect(page.locator("#messages")).to_contain_text("还有 56 处错误")  # 60 mobiles less three, and the row left out


def test_a_list_is_never_drawn_as_the_sign_in(page_of: Callable[[str], Page], stack: Demo):
    page = page_of(OFFICER)
    page.goto("/members/?size=10&page=2")
    end_sessions(stack)
    page.get_by_role("link", name="刷新列表").click()
    page.wait_for_url("/accounts/login/**")
    sign_in_here(page, OFFICER)
    page.wait_for_url("/members/?size=10&page=2")


def test_the_end_is_told_before_and_put_off_by_one_click(page_of: Callable[[str], Page]):
    page = page_of(OFFICER)
    page.clock.install()
    page.goto("/home/")
    told = page.get_by_role("alertdialog")
    page.clock.run_for(25 * 60 * 1000)
    expect(told).to_be_hidden()
    page.clock.run_for(90 * 1000)
    expect(told).to_contain_text("登录即将过期")
    expect(told.get_by_role("button", name="继续使用")).to_be_focused()
    look(page, "session-warning")
    with page.expect_response("**/accounts/stay/") as answer:
        told.get_by_role("button", name="继续使用").click()
    assert answer.value.status == 204
    expect(told).to_be_hidden()
    page.clock.run_for(25 * 60 * 1000)
    expect(told).to_be_hidden()
    page.clock.run_for(10 * 60 * 1000)
    expect(told).to_contain_text("登录已过期")


FORMS = [
    (OFFICER, "/members/add/", "#id_name"),
    (OFFICER, "/filings/amend/", "#id_address"),
    (OFFICER, "/cards/code/", "#id_code"),
    (ADMIN, "/accounts/users/new/", "#id_name"),
    (CITY, "/inspections/windows/open/", "#id_banner"),
    (OFFICER, "/accounts/settings/", "#id_name"),
]


@pytest.mark.parametrize(("email", "path", "where"), FORMS, ids=[path for _, path, _ in FORMS])
def test_a_form_asks_before_it_is_left_with_changes(page_of: Callable[[str], Page], email: str, path: str, where: str):
    page = page_of(email)
    page.goto(path)
    before = page.locator(where).input_value()
    page.locator(where).press_sequentially("改")
    asked = questions(page, "dismiss")
    home = page.get_by_role("link", name="首页").first
    home.click()
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert path in page.url
    assert page.locator(where).input_value() != before
    page.locator(where).fill(before)
    home.click()
    page.wait_for_url("/home/")
    assert asked == ["beforeunload"]


def test_what_came_back_with_errors_is_not_saved_either(page_of: Callable[[str], Page]):
    page = page_of(OFFICER)
    page.goto("/members/add/")
    field(page, "姓名").fill("王小明")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".error-summary")).to_be_visible()
    asked = questions(page, "accept")
    page.get_by_role("link", name="首页").first.click()
    page.wait_for_url("/home/")
    assert asked == ["beforeunload"]


def test_filters_and_sent_forms_are_left_without_a_question(page_of: Callable[[str], Page]):
    page = page_of(OFFICER)
    asked = questions(page, "dismiss")
    page.goto("/members/")
    page.get_by_label("姓名搜索").press_sequentially("王")
    page.get_by_role("link", name="首页").first.click()
    page.wait_for_url("/home/")
    page.goto("/accounts/settings/")
    name = page.locator("#id_name").input_value()
    for typed in ("王改名", name):
        page.locator("#id_name").fill(typed)
        page.get_by_role("button", name="保存姓名").click()
        expect(page.get_by_role("main")).to_contain_text("姓名已保存")
        page.goto("/accounts/settings/")
    assert asked == []


def test_the_filing_saves_its_draft_while_it_is_filled(page_of: Callable[[str], Page]):
    page = page_of(NEWCOMER.email)
    asked = questions(page, "dismiss")
    page.goto("/filings/form/?entrance=district")
    page.get_by_label("工会负责人").fill("赵")
    page.get_by_label("联系电话").fill("12")
    expect(page.locator("[data-autosave-told]")).to_have_text(re.compile(r"草稿已保存 \d\d:\d\d"))
    look(page, "filing-autosaved")
    page.get_by_label("工会负责人").fill("赵示例")
    page.get_by_role("link", name="首页").first.click()
    page.wait_for_url("/home/")
    for _ in range(40):  # what is sent on leaving may arrive after the page that is asked for next
        page.goto("/filings/form/?entrance=district")
        if page.get_by_label("工会负责人").input_value() == "赵示例":
            break
        page.wait_for_timeout(250)
    expect(page.get_by_label("工会负责人")).to_have_value("赵示例")
    expect(page.get_by_label("联系电话")).to_have_value("12")
    assert asked == []


def test_a_member_is_edited_and_the_list_is_as_it_was(page_of: Callable[[str], Page]):
    page = page_of(OFFICER)
    page.goto("/members/")
    page.get_by_label("姓名搜索").fill("王")
    page.get_by_role("button", name="查询").click()
    page.wait_for_url("**q=*")
    page.get_by_role("link", name="第 2 页").click()
    page.wait_for_url("**page=2*")
    left = page.url
    row = page.locator("table.members tbody tr").nth(7)
    number = row.get_attribute("id")
    row.get_by_role("link", name="编辑").click()
    page.get_by_label("联系地址").fill("上海市杨浦区改过的路7号")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("main")).to_contain_text("修改已保存")
    page.get_by_label("位置").get_by_role("link", name="会员管理").click()
    page.wait_for_url(left)
    assert in_view(page, f"#{number}.came-back")
    look(page, "list-come-back")
    page.get_by_role("complementary").get_by_role("link", name="会员管理").click()
    page.wait_for_url("/members/")


LISTS = [
    (OFFICER, "/members/?size=50&page=2"),
    (OFFICER, "/cards/?size=50"),
    (OFFICER, "/transfers/?tab=out&size=50"),
    (OFFICER, "/cards/holders/?size=50"),
    (REVIEWER, "/reviews/?size=50"),
    (REVIEWER, "/reviews/?tab=done&size=10"),
    (REVIEWER, "/members/?size=50"),
    (ADMIN, "/accounts/users/?size=50"),
    (ADMIN, "/reviews/below/?size=50"),
    (CITY, "/inspections/windows/?size=50"),
    (CITY, "/cards/desk/?size=50"),
]


@pytest.mark.parametrize(("email", "path"), LISTS, ids=[f"{email[:5]} {path}" for email, path in LISTS])
def test_every_list_is_come_back_to_at_the_same_row(page_of: Callable[[str], Page], email: str, path: str):
    page = page_of(email)
    page.goto(path)
    rows = page.locator("#main table tbody tr").filter(has=page.locator("a[href]"))
    assert rows.count(), "the demo has nothing in this list"
    row = rows.last
    words = row.inner_text()
    row.locator("a[href]").last.press("Enter")  # a click on the desk shows the request beside the list
    page.wait_for_url(lambda url: not url.endswith(path))
    page.go_back()
    page.wait_for_url(f"**{path}")
    back = page.locator("tr.came-back")
    expect(back).to_have_count(1)
    assert back.inner_text() == words
    assert in_view(page, "tr.came-back")


@pytest.mark.parametrize(
    ("email", "path"), [(OFFICER, "/members/?size=50"), (REVIEWER, "/reviews/?size=50")], ids=["members", "desk"]
)
def test_ticks_survive_the_way_back(page_of: Callable[[str], Page], email: str, path: str):
    page = page_of(email)
    page.goto(path)
    boxes = page.locator("#main tbody .tick input:not(:disabled)")
    boxes.nth(1).check()
    boxes.nth(3).check()
    page.locator("#main tbody tr").nth(1).get_by_role("link").last.press("Enter")
    page.wait_for_url(lambda url: not url.endswith(path))
    page.go_back()
    page.wait_for_url(f"**{path}")
    expect(boxes.nth(1)).to_be_checked()
    expect(boxes.nth(3)).to_be_checked()
    expect(boxes.nth(0)).not_to_be_checked()


def test_no_request_and_no_message_while_a_word_is_composed(page: Page):
    page.goto("/accounts/signup/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "suggest" in request.url else None)
    where = page.get_by_label("单位名称")
    where.click()
    where.press_sequentially("上")  # one that is asked for only after a while
    keyboard = page.context.new_cdp_session(page)
    for typed in ("s", "sh", "shi", "shi l", "示例"):
        keyboard.send(
            "Input.imeSetComposition", {"text": typed, "selectionStart": len(typed), "selectionEnd": len(typed)}
        )
        page.wait_for_timeout(400)
    assert asked == []
    assert page.locator("[data-combobox-status]").inner_text() == ""
    keyboard.send("Input.insertText", {"text": "海示例"})
    expect(page.get_by_role("option").first).to_be_visible()
    assert asked


def test_an_old_error_leaves_its_field_when_that_is_changed(page_of: Callable[[str], Page]):
    page = page_of(OFFICER)
    page.goto("/members/add/")
    page.get_by_role("button", name="保存").click()
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("有 3 处需要修改")
    field(page, "姓名").fill("王小明")
    expect(summary).to_contain_text("还有 2 处需要修改")
    expect(summary).to_contain_text("姓名：已修改")
    expect(summary.get_by_role("link", name="姓名")).to_have_count(0)
    expect(page.locator(".field-wrong #id_name")).to_have_count(0)
    look(page, "error-left")
    page.get_by_label("证件号码").fill(person().resident_id)
    page.get_by_label("移动电话").fill("19900007654")
    expect(summary).to_contain_text("都已修改，请核对后重新提交")


def test_a_stale_form_is_kept_and_a_second_sign_in_leads_on(page_of: Callable[[str], Page]):
    page = page_of(OFFICER)
    page.goto("/members/add/")
    field(page, "姓名").fill("王小明")
    other, late = page.context.new_page(), page.context.new_page()
    other.goto("/home/")
    other.get_by_label("账号菜单").click()
    other.get_by_role("button", name="退出登录").click()
    other.goto("/accounts/login/?next=/members/")
    late.goto("/accounts/login/?next=/notices/")
    sign_in_here(other, OFFICER)
    other.wait_for_url("/members/")
    sign_in_here(late, OFFICER)
    late.wait_for_url("/notices/")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="恢复刚才填写的内容").click()
    expect(field(page, "姓名")).to_have_value("王小明")
