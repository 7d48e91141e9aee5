"""What everybody reads of districts and bureaus: each has its address, list, feed and place, and stays calm."""

from xml.etree import ElementTree

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from gonghui.publishing.articles.actions import withdraw_article
from gonghui.publishing.articles.preview import preview_path
from gonghui.publishing.downloads.actions import create_download
from gonghui.publishing.local.actions import close_section, open_section
from gonghui.publishing.models import Article, ArticleState, LocalSection, Revision
from gonghui.publishing.placing.actions import move_article, pin_article
from gonghui.publishing.queries import listed, local_news
from tests.factories import make_unions, new_union
from tests.publishing.stories import local_published, opened, published, workbook

pytestmark = pytest.mark.django_db


def titles(feed: bytes) -> list[str | None]:
    return [item.findtext("title") for item in ElementTree.fromstring(feed).findall("channel/item")]  # noqa: S314 (our own)


def test_without_an_open_section_nothing_of_it_shows(client, cast):
    assert "区局动态" not in client.get("/").text + client.get("/news/").text
    local = opened(cast)
    assert "区局动态" in client.get("/news/").text
    assert '<h2 id="local">' not in client.get("/").text  # until there is an article
    assert "还没有发布" in client.get("/local/").text
    close_section(local, reason="停办", by=cast.platform_admin)
    assert "区局动态" not in client.get("/").text


def test_a_section_has_a_list_a_feed_and_is_searched(client, cast):
    local_published(cast, "律师进园区", summary="坐诊", days_ago=1)
    pin_article(local_published(cast, "需求报送", days_ago=9), by=cast.district_admin)
    local_published(cast, "机电的竞赛", by=cast.bureau_admin)
    published(cast, "市总的新闻")
    page = client.get("/local/yangpu/").text
    assert page.index("需求报送") < page.index("律师进园区")
    assert "机电的竞赛" not in page
    assert "市总的新闻" not in page
    assert 'href="/feeds/local/yangpu.xml"' in page
    page = client.get("/local/").text  # of all: by time, none above the others
    assert page.index("机电的竞赛") < page.index("律师进园区") < page.index("需求报送")
    assert "置顶" not in page
    assert 'title="上海市机电工会">机电</a>' in page
    assert titles(client.get("/feeds/local/yangpu.xml").content) == ["律师进园区", "需求报送"]
    assert titles(client.get("/feeds/local.xml").content)[0] == "机电：机电的竞赛"
    assert "杨浦区总工会" in client.get("/search/", {"q": "律师"}).text
    assert "律师进园区" not in client.get("/news/").text


def test_an_article_of_a_section_has_its_address_and_says_whose_it_is(client, cast):
    article = local_published(cast, "律师进园区")
    old = article.get_absolute_url()
    page = client.get(old).text
    assert "杨浦区总工会" in page
    assert 'href="/local/yangpu/"' in page
    for elsewhere in (f"/news/{article.slug}/", f"/local/jidian/{article.slug}/"):
        answer = client.get(elsewhere)
        assert (answer.status_code, answer.url) == (301, old)
    move_article(article, section="local", slug="law", version=article.version, by=cast.district_admin)
    assert client.get(old).url == "/local/yangpu/law/"
    article.refresh_from_db()
    withdraw_article(article, reason="重复", version=article.version, by=cast.district_admin)
    answer = client.get("/local/yangpu/law/")
    assert (answer.status_code, "查看杨浦区总工会的栏目" in answer.text) == (410, True)
    for nowhere in ("/local/nothing/", "/feeds/local/nothing.xml"):
        assert client.get(nowhere).status_code == 404


def test_files_stand_in_the_section_alone(client, cast):
    local = opened(cast)
    download = create_download("报名表", "", ContentFile(workbook(), "a.xlsx"), by=cast.district_admin)
    assert f'href="/downloads/{download.pk}/"' in client.get("/local/yangpu/").text
    assert "报名表" not in client.get("/downloads/").text + client.get("/").text
    assert client.get(f"/downloads/{download.pk}/").status_code == 200
    close_section(local, reason="停办", by=cast.platform_admin)
    assert client.get(f"/downloads/{download.pk}/").status_code == 404


def test_a_closed_section_says_so_at_all_its_addresses(client, cast):
    article = local_published(cast, "律师进园区")
    preview = preview_path(article.head)
    assert client.get(preview).status_code == 200
    close_section(opened(cast), reason="改用区总网站", by=cast.platform_admin)
    for path in ("/local/yangpu/", article.get_absolute_url(), preview):
        answer = client.get(path)
        assert (answer.status_code, "这个栏目已关闭" in answer.text) == (410, True)
        assert "律师进园区" not in answer.text
        assert "改用区总网站" not in answer.text  # the reason is for the house
    assert client.get("/feeds/local/yangpu.xml").status_code == 404
    for path in ("/", "/local/", "/search/?q=律师", "/feeds/local.xml"):
        assert "律师进园区" not in client.get(path).text
    open_section(cast.district, by=cast.platform_admin)
    assert client.get(article.get_absolute_url()).status_code == 200
    assert "律师进园区" in client.get("/").text


def test_the_home_page_shows_the_newest_of_each_before_others(client, cast):
    for number in range(8):
        local_published(cast, f"杨浦第 {number} 篇")
    local_published(cast, "机电的竞赛", by=cast.bureau_admin, days_ago=3)
    assert [one.live.title for one in local_news(6)] == [*(f"杨浦第 {n} 篇" for n in (7, 6, 5, 4, 3)), "机电的竞赛"]
    assert [one.live.title for one in local_news(1)] == ["杨浦第 7 篇"]
    page = client.get("/").text
    assert "机电的竞赛" in page
    assert "杨浦第 2 篇" not in page
    assert '"/feeds/local.xml"' in page


def every_district_and_bureau(cast, articles: int) -> None:
    """Sixteen districts and twenty bureaus with so many articles each."""
    first = local_published(cast, "第一篇")
    kinds = ["district"] * 15 + ["bureau"] * 20
    unions = make_unions(
        [
            new_union(kind, cast.city, name=f"第{n}工会", area=f"区域{n}", code=f"{n + 100}")
            for n, kind in enumerate(kinds)
        ]
    )
    for n, union in enumerate(unions):
        local = LocalSection.objects.create(union=union, slug=f"u{n}")
        rows = Article.objects.bulk_create(
            Article(section="local", local=local, slug=f"u{n}-{k}") for k in range(articles)
        )
        heads = Revision.objects.bulk_create(
            Revision(article=row, number=1, title=f"第{n}工会的第 {k} 篇报道，题目有二十来个字长", body="<p>文</p>")
            for k, row in enumerate(rows)
        )
        for row, head in zip(rows, heads, strict=True):
            Article.objects.filter(pk=row.pk).update(
                head=head, live=head, state=ArticleState.PUBLISHED, published_at=first.published_at,
                search=first.search, terms=first.terms,
            )  # fmt: skip


@pytest.mark.parametrize("articles", [1, 3])
def test_the_pages_stay_small_with_every_district_and_bureau(client, cast, articles, django_assert_max_num_queries):
    before = len(client.get("/").content)
    every_district_and_bureau(cast, articles)
    with django_assert_max_num_queries(14):
        page = client.get("/")
    assert page.text.count("row-place") == 6
    assert len(page.content) < before + 6_000
    for path in ("/local/", "/local/u3/", "/feeds/local.xml", "/search/?q=第一篇"):
        with django_assert_max_num_queries(12):
            assert client.get(path).status_code == 200
    assert client.get("/local/").text.count("row-place") == 20
    assert len(client.get("/local/").content) < 40_000


@pytest.mark.server
def test_the_lists_go_by_their_indexes(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    assert "article_local_newest" in listed().filter(local=1)[:20].explain()
    assert "article_local_changed" in Article.objects.filter(local=1).order_by("-changed_at", "-id")[:20].explain()
