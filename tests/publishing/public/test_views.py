"""What everybody reads: only what is public, at lasting addresses; search finds it, a feed brings it."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.core import signing
from django.db import connection
from django.utils import timezone

from gonghui.publishing.articles.actions import publish_article, save_text, withdraw_article
from gonghui.publishing.articles.preview import preview_path
from gonghui.publishing.articles.search import found
from gonghui.publishing.html import from_plain
from gonghui.publishing.models import Article, ArticleState, Revision, Site
from gonghui.publishing.placing.actions import feature_article, move_article, pin_article
from tests.publishing.stories import picture, published, typed, uploaded_file, written

pytestmark = pytest.mark.django_db


def hidden(cast) -> None:
    """A draft, an article of tomorrow, one whose time is over and one withdrawn."""
    written(cast, "草稿一篇")
    later = written(cast, "明天才发")
    publish_article(later, version=later.version, at=timezone.now() + timedelta(days=1), by=cast.platform_admin)
    published(cast, "已过期")
    Article.objects.filter(head__title="已过期").update(
        published_at=timezone.now() - timedelta(days=2), withdraw_at=timezone.now() - timedelta(days=1)
    )
    gone = published(cast, "已撤下了")
    withdraw_article(gone, reason="重复", version=gone.version, by=cast.platform_admin)


def test_pinned_first_then_the_newest_and_only_what_is_public(client, cast):
    hidden(cast)
    pin_article(published(cast, "旧闻置顶", days_ago=9), by=cast.platform_admin)
    published(cast, "昨天的", days_ago=1)
    published(cast, "今天的")
    for path in ("/", "/news/"):
        page = client.get(path).text
        assert page.index("旧闻置顶") < page.index("今天的") < page.index("昨天的")
        for title in ("草稿一篇", "明天才发", "已过期", "已撤下了"):
            assert title not in page


def test_each_section_shows_its_own(client, cast):
    published(cast, "新闻一篇")
    published(cast, "公告一篇", section="announcements")
    published(cast, "办法一篇", section="documents", document_number="沪工总〔2026〕18 号")
    assert "公告一篇" not in client.get("/news/").text
    assert "公告一篇" in client.get("/announcements/").text
    page = client.get("/documents/").text
    assert "沪工总〔2026〕18 号" in page
    assert "有效" in page
    home = client.get("/").text
    for title in ("新闻一篇", "公告一篇", "办法一篇"):
        assert title in home


def test_a_repealed_document_says_so(client, cast):
    article = published(cast, "办法", section="documents", document_number="沪工总〔2019〕6 号", repealed=True)
    assert "废止" in client.get(article.get_absolute_url()).text
    assert "废止" in client.get("/documents/").text


def test_an_article_is_shown_cleaned(client, cast):
    article = published(cast, "标题 <b>", body=from_plain("第一段\n\n第二段 <script>alert(1)</script>"))
    Revision.objects.filter(pk=article.live_id).update(body="<p>第一段</p><script>alert(1)</script>&lt;script&gt;")
    page = client.get(article.get_absolute_url()).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "<p>第一段</p>" in page
    assert "标题 &lt;b&gt;" in page


def test_the_public_reads_what_was_published_while_editors_go_on(client, cast):
    article = published(cast, "原来的标题")
    save_text(article, typed(article, title="改到一半"), version=article.version, by=cast.platform_admin)
    page = client.get(article.get_absolute_url()).text
    assert "原来的标题" in page
    assert "改到一半" not in page + client.get("/").text


def test_what_is_not_public_is_not_there(client, cast):
    hidden(cast)
    for title in ("草稿一篇", "明天才发"):
        article = Article.objects.get(head__title=title)
        assert client.get(article.get_absolute_url()).status_code == 404
    assert client.get("/news/nothing/").status_code == 404
    assert client.get("/nothing/1/").status_code == 404


@pytest.mark.parametrize("title", ["已过期", "已撤下了"])
def test_what_was_withdrawn_says_so(client, cast, title):
    hidden(cast)
    answer = client.get(Article.objects.get(head__title=title).get_absolute_url())
    assert answer.status_code == 410
    assert "这篇内容已撤下" in answer.text
    assert title not in answer.text
    assert "重复" not in answer.text  # the reason is for the house


def test_a_moved_article_leads_on_from_every_former_address(client, cast):
    article = published(cast)
    old = article.get_absolute_url()
    for slug in ("winter-visit", "winter-visit-2026"):
        article = move_article(
            article, section="announcements", slug=slug, version=article.version, by=cast.platform_admin
        )
    for path in (old, "/news/winter-visit/", "/announcements/winter-visit/", "/news/winter-visit-2026/"):
        answer = client.get(path)
        assert (answer.status_code, answer.url) == (301, "/announcements/winter-visit-2026/")
    assert client.get("/announcements/winter-visit-2026/").status_code == 200


def test_a_preview_link_shows_one_revision_to_anybody_for_a_week(client, cast, monkeypatch):
    article = written(cast, "还没发布")
    path = preview_path(article.head)
    answer = client.get(path)
    assert "尚未公开发布" in answer.text
    assert "还没发布" in answer.text
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]
    save_text(article, typed(article, title="之后的修改"), version=article.version, by=cast.platform_admin)
    assert "之后的修改" not in client.get(path).text
    forged = client.get(f"/preview/{signing.dumps(article.head.pk, salt='another')}/")
    assert (forged.status_code, "预览链接已失效" in forged.text) == (410, True)
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 8 * 86_400)
    assert client.get(path).status_code == 410


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("送温暖", True), ("走访 慰问", True), ("18 号", True), ("〔2026〕１８", True), ("职", True), ("慰问 没有的词", False),
        ("工慰", False), ("", False), ("%", False), ("_", False), ("'\"\\", False), ("慰" * 500, False),
    ],
)  # fmt: skip
def test_search_finds_what_title_text_and_number_contain(client, cast, query, there):
    published(cast, "冬季送温暖启动", section="documents", document_number="沪工总〔2026〕18 号")
    written(cast, "送温暖走访慰问一线职工 18 号草稿")
    answer = client.get("/search/", {"q": query})
    assert answer.status_code == 200
    assert ("冬季送温暖启动" in answer.text) == there
    assert "号草稿" not in answer.text


def test_search_finds_the_published_text_and_not_what_is_withdrawn(client, cast):
    article = published(cast)
    save_text(article, typed(article, body="<p>秘密修改</p>"), version=article.version, by=cast.platform_admin)
    assert "没有找到" in client.get("/search/", {"q": "秘密修改"}).text
    article.refresh_from_db()
    withdraw_article(article, reason="重复", version=article.version, by=cast.platform_admin)
    assert "没有找到" in client.get("/search/", {"q": "送温暖"}).text


@pytest.mark.server
def test_search_goes_by_its_index(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "article_terms" in found(Article.objects.all(), "送温暖").explain()


def test_a_feed_brings_the_newest_of_a_section(client, cast):
    hidden(cast)
    published(cast, "新闻 & 一篇", summary="摘要")
    published(cast, "公告一篇", section="announcements")
    answer = client.get("/feeds/news.xml")
    assert answer["Content-Type"] == "application/rss+xml; charset=utf-8"
    items = ElementTree.fromstring(answer.content).findall("channel/item")  # noqa: S314 (our own)
    assert [(item.findtext("title"), item.findtext("description")) for item in items] == [("新闻 & 一篇", "摘要")]
    assert '"/feeds/news.xml"' in client.get("/").text


def test_slides_show_articles_with_their_covers(client, cast):
    article = published(cast, cover=picture(cast))
    assert "data-slides" not in client.get("/").text
    feature_article(article, by=cast.platform_admin)
    page = client.get("/").text
    assert "data-slides" in page
    assert f"/pictures/{article.live.cover.key}/480.webp 480w" in page
    assert 'alt="走访现场"' in page


@pytest.mark.parametrize("path", ["/news/?size=100", "/search/?q=走访&size=100", "/", "/feeds/news.xml"])
@pytest.mark.parametrize("rows", [3, 60])
def test_the_lists_ask_as_many_queries_for_60_rows_as_for_3(client, cast, rows, path, django_assert_max_num_queries):
    first = published(cast, "走访")
    for number in range(rows):
        one = Article.objects.create(section="news", slug=f"a-{number}")
        head = Revision.objects.create(article=one, number=1, title=f"走访 {number}", body="<p>文</p>")
        Article.objects.filter(pk=one.pk).update(
            head=head, live=head, state=ArticleState.PUBLISHED, published_at=first.published_at,
            search=first.search, terms=first.terms,
        )  # fmt: skip
    with django_assert_max_num_queries(12):
        assert client.get(path).status_code == 200


def test_the_file_of_a_download_is_sent_checked_and_counted(client, cast):
    download = uploaded_file(cast)
    page = client.get("/downloads/").text
    version = download.versions.get()
    assert "换届材料样张" in page
    assert version.sha256 in page
    answer = client.get(f"/downloads/{download.pk}/")
    assert hashlib.sha256(answer.content).hexdigest() == version.sha256
    assert "attachment" in answer["Content-Disposition"]
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "已下载 1 次" in " ".join(client.get("/downloads/").text.split())


def test_larger_letters_are_kept_in_a_cookie_and_lead_back(client, db):
    answer = client.post("/view/", {"view": "large"}, HTTP_REFERER="http://testserver/news/")
    assert answer.url == "/news/"
    cookie = answer.cookies[settings.VIEW_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("large", True, "Lax")
    assert 'class="large"' in client.get("/").text
    client.post("/view/", {"view": "standard"}, HTTP_REFERER="http://elsewhere.test/")
    assert 'class="large"' not in client.get("/").text


@pytest.mark.parametrize(("since", "until", "grey"), [(-1, 1, True), (0, 0, True), (1, 2, False), (-2, -1, False)])
def test_the_pages_are_without_colour_on_the_citys_days(client, db, since, until, grey):
    today = timezone.localdate()
    Site.objects.create(grey_from=today + timedelta(days=since), grey_until=today + timedelta(days=until))
    assert ('class="grey"' in client.get("/").text) == grey


def test_the_footer_names_the_registrations(client, db, settings):
    assert "beian" not in client.get("/").text
    settings.ENVIRONMENT = replace(
        settings.ENVIRONMENT, icp_record="沪ICP备00000000号-1", police_record="沪公网安备00000000000000号"
    )
    page = client.get("/").text
    assert "沪ICP备00000000号-1" in page
    assert "沪公网安备00000000000000号" in page
