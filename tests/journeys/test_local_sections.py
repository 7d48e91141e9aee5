"""The city opens a section to a district, whose editors write and publish; everybody reads; the city withdraws (SPEC 1.5)."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import LOCAL_EDITOR
from tests.journeys.pages import look, picture

DISTRICT, TITLE, WORDS = "杨浦区总工会", "杨浦区首批职工互助保障理赔完成", "首批理赔款已经送到职工手中。"


def asks_for_two(chief: Page, asked: bool) -> None:
    chief.goto("/publishing/settings/")
    chief.get_by_label("文章和下载须由第二人发布").set_checked(asked)
    chief.get_by_role("button", name="保存").click()
    expect(chief.locator("#messages")).to_contain_text("已保存门户设置")


def test_the_city_opens_a_section_and_a_districts_editors_fill_it(
    page_of: Callable[[str], Page], new_page: Callable[[], Page]
):
    chief, second, editor = page_of("city@demo.test"), page_of("yangpu@demo.test"), page_of(LOCAL_EDITOR.email)
    anybody = new_page()
    asks_for_two(chief, True)

    # Closed, with what that does said before; and opened again
    chief.get_by_role("link", name="区局栏目").click()
    look(chief, "publishing-local-sections")
    picture(chief, "publishing-local-sections")
    chief.get_by_role("row").filter(has_text=DISTRICT).get_by_role("link", name="关闭").click()
    expect(chief.get_by_role("main")).to_contain_text("4 篇已发布的文章")
    look(chief, "publishing-local-close")
    chief.get_by_role("button", name="关闭栏目").click()
    expect(chief.get_by_role("main")).to_contain_text("请填写这一项")
    chief.get_by_label("关闭原因").fill("栏目调整")
    chief.get_by_role("button", name="关闭栏目").click()
    expect(chief.locator("#messages")).to_contain_text(f"已关闭「{DISTRICT}」的栏目")
    editor.goto("/home/")
    expect(editor.get_by_role("link", name="门户管理")).to_have_count(0)
    anybody.goto("/")
    expect(anybody.get_by_role("heading", name="区局动态")).to_have_count(0)
    closed = anybody.request.get("/local/yangpu/")
    assert (closed.status, "这个栏目已关闭" in closed.text()) == (410, True)
    chief.get_by_role("row").filter(has_text=DISTRICT).get_by_role("link", name="开通").click()
    expect(chief.get_by_role("main")).to_contain_text("重新公开")
    look(chief, "publishing-local-open")
    chief.get_by_role("button", name="开通栏目").click()
    expect(chief.locator("#messages")).to_contain_text(f"已开通「{DISTRICT}」的栏目")

    # The district's editor writes, the second one publishes
    editor.goto("/home/")
    editor.get_by_role("link", name="门户管理").first.click()
    look(editor, "publishing-local-list")
    editor.get_by_role("link", name="写文章").first.click()
    editor.get_by_label("标题").fill(TITLE)
    editor.get_by_role("button", name="开始撰写").click()
    expect(editor.locator(".ProseMirror")).to_be_visible()  # until then the textarea takes the words
    editor.get_by_role("textbox", name="正文").click()
    editor.keyboard.type(WORDS)
    editor.get_by_role("button", name="保存").click()
    expect(editor.locator("#messages")).to_contain_text("已保存")
    editor.get_by_role("button", name="提交复核").click()
    expect(editor.locator("#messages")).to_contain_text("已通知其他管理员")
    second.goto("/home/")
    look(second, "publishing-local-desk")
    second.locator(".work-line").filter(has_text="门户文章待复核").click()
    second.get_by_role("link", name=TITLE, exact=True).click()
    look(second, "publishing-local-article")
    second.get_by_role("button", name="发布", exact=True).click()
    expect(second.locator("#messages")).to_contain_text("公众现在可以看到")

    # Everybody reads it
    anybody.goto("/")
    expect(anybody.get_by_role("heading", name="区局动态")).to_be_visible()
    look(anybody, "home-local")
    anybody.get_by_role("link", name=TITLE).click()
    expect(anybody.get_by_role("article")).to_contain_text(WORDS)
    public = anybody.url
    look(anybody, "article-local")
    anybody.get_by_role("main").get_by_role("link", name=DISTRICT).first.click()
    look(anybody, "section-local")
    anybody.get_by_role("main").get_by_role("link", name="区局动态").click()
    look(anybody, "sections-local")

    # The city withdraws it
    chief.goto("/publishing/?section=local")
    look(chief, "publishing-list-of-all")
    chief.get_by_role("link", name=TITLE, exact=True).click()
    expect(chief.get_by_role("link", name="编辑", exact=True)).to_have_count(0)
    look(chief, "publishing-local-overseen")
    chief.get_by_label("撤下原因").fill("数字有误")
    chief.get_by_role("button", name="立即撤下").click()
    expect(chief.locator("#messages")).to_contain_text("已撤下")
    gone = anybody.request.get(public)
    assert (gone.status, "这篇内容已撤下" in gone.text()) == (410, True)
    second.goto("/notices/")
    expect(second.get_by_role("main")).to_contain_text(f"市总工会撤下了「{TITLE}」")
    asks_for_two(chief, False)
