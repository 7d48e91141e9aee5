"""The city's editor writes, a second person publishes, everybody reads, and it is withdrawn (SPEC 1.5)."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import EDITOR
from tests.journeys.pages import look, picture
from tests.publishing.stories import drawn

TITLE, WORDS = "职工疗休养首批名额公布", "首批名额分配到各区局。"
PASTED = """<p class=MsoNormal style='margin:0'><b>名额</b><o:p></o:p></p><script>alert(1)</script>
<img src="https://elsewhere.test/x.png"><table><tr><td>区局</td><td>名额</td></tr></table>"""
PASTE = """(html) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  document.querySelector(".ProseMirror").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
}"""


def test_an_article_is_written_published_by_a_second_person_read_and_withdrawn(
    page_of: Callable[[str], Page], new_page: Callable[[], Page], tmp_path: Path
):
    chief, editor, anybody = page_of("city@demo.test"), page_of(EDITOR.email), new_page()
    chief.goto("/publishing/settings/")
    chief.get_by_label("文章和下载须由第二人发布").check()
    look(chief, "publishing-settings")
    chief.get_by_role("button", name="保存").click()
    expect(chief.locator("#messages")).to_contain_text("已保存门户设置")

    editor.get_by_role("link", name="门户管理").first.click()
    look(editor, "publishing-list")
    picture(editor, "publishing-list")
    editor.get_by_role("link", name="写文章").first.click()
    editor.get_by_label("通知公告").check()
    editor.get_by_label("标题").fill(TITLE)
    editor.get_by_role("button", name="开始撰写").click()
    text = editor.get_by_role("textbox", name="正文")
    expect(text).to_have_attribute("contenteditable", "true")  # the editor has taken the place of the field
    text.click()
    editor.keyboard.type(WORDS)
    editor.keyboard.press("Enter")
    editor.evaluate(PASTE, PASTED)
    expect(text).to_contain_text("区局")
    expect(editor.get_by_text("粘贴的内容中有图片，没有保留")).to_be_visible()
    expect(editor.locator("[data-autosave-told]")).to_contain_text("草稿已保存")

    photograph = tmp_path / "现场.jpg"
    photograph.write_bytes(drawn())
    editor.get_by_role("button", name="图片", exact=True).click()
    editor.get_by_role("button", name="上传", exact=True).click()
    expect(editor.get_by_role("dialog")).to_contain_text("请先选择图片")
    editor.locator("#picture-file").set_input_files(photograph)
    editor.locator("#picture-alt").fill("疗休养基地的湖边步道")
    editor.get_by_role("button", name="上传", exact=True).click()
    expect(text.get_by_role("img", name="疗休养基地的湖边步道")).to_be_visible()
    look(editor, "publishing-edit")
    picture(editor, "publishing-edit")
    editor.get_by_role("button", name="保存").click()
    expect(editor.locator("#messages")).to_contain_text("已保存")
    look(editor, "publishing-article")
    manage = editor.url

    editor.get_by_role("link", name="预览", exact=True).click()
    expect(editor.get_by_role("main")).to_contain_text("尚未公开发布")
    look(editor, "publishing-preview")
    editor.goto(manage)
    editor.get_by_role("button", name="提交复核").click()
    expect(editor.get_by_role("main")).to_contain_text("须由没有参与撰写的另一名管理员发布")

    chief.goto("/notices/")
    expect(chief.get_by_role("main")).to_contain_text("待您复核发布")
    chief.goto(manage)
    look(chief, "publishing-second-person")
    chief.get_by_role("button", name="发布", exact=True).click()
    expect(chief.locator("#messages")).to_contain_text("公众现在可以看到")

    anybody.goto("/")
    anybody.get_by_role("link", name=TITLE).first.click()
    article = anybody.get_by_role("article")
    expect(article).to_contain_text(WORDS)
    expect(article.get_by_role("img", name="疗休养基地的湖边步道")).to_be_visible()
    assert "elsewhere" not in article.inner_html()
    public = anybody.url
    look(anybody, "article")
    anybody.get_by_role("searchbox").fill("疗休养 名额")
    anybody.get_by_role("searchbox").press("Enter")
    expect(anybody.get_by_role("main")).to_contain_text(TITLE)
    look(anybody, "search")
    anybody.get_by_role("button", name="适老版").click()
    look(anybody, "search-large")

    chief.get_by_label("撤下原因").fill("名额有调整")
    chief.get_by_role("button", name="立即撤下").click()
    expect(chief.locator("#messages")).to_contain_text("已撤下")
    anybody.goto("/")
    expect(anybody.get_by_role("link", name=TITLE)).to_have_count(0)
    look(anybody, "home-large")
    chief.goto("/publishing/settings/")
    chief.get_by_label("文章和下载须由第二人发布").uncheck()
    chief.get_by_role("button", name="保存").click()
    expect(chief.locator("#messages")).to_contain_text("已保存门户设置")
    gone = chief.request.get(public)
    assert (gone.status, "已撤下" in gone.text()) == (410, True)
