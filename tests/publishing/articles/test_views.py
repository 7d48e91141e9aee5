"""The editors' pages: what was typed is kept, two at once are told, and without JavaScript text is typed."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from gonghui.publishing.articles.actions import create_article, save_text, withdraw_article
from gonghui.publishing.models import Article, Shown
from tests.publishing.stories import BODY, colleague, picture, published, submitted, typed, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client, cast):
    client.force_login(cast.platform_admin)
    return client


def form(article: Article, **values) -> dict[str, object]:
    return {"title": article.head.title, "body": BODY, "format": "html", "version": article.version} | values


def test_an_article_is_begun_written_and_published_by_the_pages(editor, cast):
    assert "还没有文章" in editor.get("/publishing/").text
    answer = editor.post("/publishing/new/", {"section": "news", "title": "冬季走访"})
    article = Article.objects.get()
    assert answer.url == f"/publishing/{article.pk}/edit/"
    editor.post(answer.url, form(article))
    article.refresh_from_db()
    assert "发布" in editor.get(f"/publishing/{article.pk}/").text
    page = editor.post(f"/publishing/{article.pk}/", {"act": "publish", "version": article.version}, follow=True)
    assert "已发布，公众现在可以看到。" in page.text
    assert "冬季走访" in editor.get("/news/").text
    assert "冬季走访" in editor.get("/publishing/?title=走访&state=published").text


def test_only_editors_find_the_menu_and_the_pages(client, cast):
    for who, there in (("platform_admin", True), ("district_admin", False), ("officer", False)):
        client.force_login(getattr(cast, who))
        assert ("门户管理" in client.get("/home/").text) == there
        assert client.get("/publishing/").status_code == (200 if there else 404)


def test_two_editors_at_once_the_later_keeps_what_was_typed_and_sees_what_differs(editor, cast):
    article = written(cast)
    first = save_text(article, typed(article, title="甲的标题"), version=article.version, by=colleague(cast))
    answer = editor.post(f"/publishing/{article.pk}/edit/", form(article, title="乙的标题", body="<p>乙的正文</p>"))
    assert answer.status_code == 409
    page = answer.text
    assert "市总审稿人 在您打开页面之后保存了这篇文章" in page
    assert 'value="乙的标题"' in page
    assert "<del>甲的标题</del>" in page
    assert "<ins>乙的标题</ins>" in page
    assert "乙的正文" in page
    assert f'name="version" value="{first.version}"' in page
    # after having seen it, it is saved above
    editor.post(f"/publishing/{article.pk}/edit/", form(first, title="乙的标题"))
    article.refresh_from_db()
    assert article.head.title == "乙的标题"


def test_who_is_editing_is_told_to_others(editor, cast):
    cache.clear()
    article, other = written(cast), colleague(cast)
    assert "也正在编辑" not in editor.get(f"/publishing/{article.pk}/edit/").text
    editor.force_login(other)
    assert "市总平台管理员也正在编辑" in editor.get(f"/publishing/{article.pk}/edit/").text
    assert "市总平台管理员也正在编辑" in editor.post(f"/publishing/{article.pk}/presence/").text
    assert "正在编辑这篇文章" in editor.get(f"/publishing/{article.pk}/").text


def test_a_draft_saves_itself_and_says_why_not(editor, cast):
    article = written(cast)
    path = f"/publishing/{article.pk}/edit/"
    answer = editor.post(path, form(article, title="自动", draft="auto")).json()
    article.refresh_from_db()
    assert (answer["version"], article.head.title, article.head.autosaved) == (article.version, "自动", True)
    answer = editor.post(path, form(article, title=" ", draft="auto"))
    assert (answer.status_code, "没有自动保存" in answer.json()["refused"]) == (422, True)
    answer = editor.post(path, form(article, body="<div>" * 10_000, draft="auto"))
    assert (answer.status_code, "一层套一层" in answer.json()["refused"]) == (422, True)
    save_text(article, typed(article, title="别人的"), version=article.version, by=colleague(cast))
    answer = editor.post(path, form(article, title="我的", draft="auto"))
    assert (answer.status_code, "市总审稿人" in answer.json()["refused"]) == (409, True)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [("<div>" * 10_000, "一层套一层"), ("文" * 250_000, "正文有 25 万个字符")],
    ids=["nested", "long"],
)
def test_too_much_is_refused_at_its_field_and_still_there(editor, cast, body, sentence):
    article = written(cast)
    answer = editor.post(f"/publishing/{article.pk}/edit/", form(article, title="新标题", body=body))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="新标题"' in answer.text


def test_five_megabytes_are_refused_with_a_page(editor, cast):
    article = written(cast)
    answer = editor.post(f"/publishing/{article.pk}/edit/", form(article, body="文" * 1_700_000))
    assert answer.status_code == 400
    assert "一次提交的内容太多" in answer.text


def test_without_javascript_text_is_typed(editor, cast):
    article = create_article("news", "标题", by=cast.platform_admin)
    path = f"/publishing/{article.pk}/edit/"
    editor.post(path, form(article, body="第一段\n\n第二段 <b>", format="text"))
    article.refresh_from_db()
    assert article.head.body == "<p>第一段</p>\n\n<p>第二段 &lt;b&gt;</p>"
    page = editor.get(path).text
    assert "第一段\n\n第二段 &lt;b&gt;</textarea>" in page
    assert 'name="format" value="text"' in " ".join(page.split())


def test_a_cover_is_one_that_was_uploaded(editor, cast):
    article, cover = written(cast), picture(cast)
    path = f"/publishing/{article.pk}/edit/"
    assert "题图已不存在" in editor.post(path, form(article, cover="00000000-0000-4000-8000-000000000000")).text
    editor.post(path, form(article, cover=str(cover.key)))
    article.refresh_from_db()
    assert article.head.cover == cover


def test_a_time_of_1970_is_refused_at_its_field(editor, cast):
    article = written(cast)
    data = {"act": "publish", "version": article.version, "at": "1970-01-01T00:00"}
    answer = editor.post(f"/publishing/{article.pk}/", data)
    assert answer.status_code == 422
    assert "发布时间已经过去" in answer.text
    assert 'value="1970-01-01T00:00"' in answer.text


def test_a_time_to_come_is_kept_until_then(editor, cast):
    article = written(cast)
    at = timezone.localtime() + timedelta(days=1)
    data = {"act": "publish", "version": article.version, "at": f"{at:%Y-%m-%dT%H:%M}"}
    page = editor.post(f"/publishing/{article.pk}/", data, follow=True).text
    assert f"将于 {at:%Y-%m-%d %H:%M} 自动发布" in page
    article.refresh_from_db()
    assert article.shown == Shown.SCHEDULED


def test_the_second_person_returns_or_publishes(client, cast):
    article, other = submitted(cast), colleague(cast)
    client.force_login(cast.platform_admin)
    page = client.get(f"/publishing/{article.pk}/").text
    assert "须由没有参与撰写的另一名管理员发布" in page
    assert 'value="publish"' not in page
    client.force_login(other)
    page = client.get(f"/publishing/{article.pk}/").text
    assert 'value="publish"' in page
    assert 'value="return"' in page
    page = client.post(
        f"/publishing/{article.pk}/", {"act": "return", "version": article.version, "reason": "请核对"}, follow=True
    ).text
    assert "已退回" in page


def test_revisions_stand_side_by_side_and_come_back(editor, cast):
    article = written(cast)
    article = save_text(
        article, typed(article, body="<p>改后的正文</p>"), version=article.version, by=cast.platform_admin
    )
    page = editor.get(f"/publishing/{article.pk}/revisions/2/").text
    assert "<del>各级工会走访慰问一线职工。</del>" in page
    assert "<ins>改后的正文</ins>" in page
    page = editor.post(f"/publishing/{article.pk}/revisions/2/", {"version": article.version}, follow=True).text
    assert "已按第 2 版的内容保存为第 4 版" in page
    article.refresh_from_db()
    assert article.head.body == BODY


@pytest.mark.parametrize("act", ["pin", "feature", "withdraw", "end", "move"])
def test_each_button_of_an_article_does_its_act(editor, cast, act):
    article = published(cast, cover=picture(cast))
    data = {"act": act, "version": article.version, "reason": "重复", "section": "news", "slug": "winter"}
    page = editor.post(f"/publishing/{article.pk}/", data, follow=True)
    assert page.status_code == 200
    words = {
        "pin": "已置顶",
        "feature": "已加入首页轮播",
        "withdraw": "已撤下",
        "end": "已保存撤下时间",
        "move": "已修改",
    }
    assert words[act] in page.text


@pytest.mark.parametrize("rows", [3, 60])
def test_the_list_asks_as_many_queries_for_60_rows_as_for_3(editor, cast, rows, django_assert_max_num_queries):
    for number in range(rows):
        create_article("news", f"第 {number} 篇", by=cast.platform_admin)
    editor.get("/publishing/")
    with django_assert_max_num_queries(16):
        assert editor.get("/publishing/?size=100").status_code == 200


def test_the_states_of_the_list_are_those_of_the_times(editor, cast):
    article = published(cast, "看得到的")
    gone = published(cast, "撤下来的")
    withdraw_article(gone, reason="重复", version=gone.version, by=cast.platform_admin)
    page = editor.get("/publishing/?state=withdrawn").text
    assert "撤下来的" in page
    assert "看得到的" not in page
    assert article.head.title in editor.get("/publishing/?section=news").text
    assert editor.get("/publishing/?section=nothing").status_code == 422
