"""The pages of a district's editors, and those by which the city opens and closes a section."""

import pytest
from django.core.files.base import ContentFile

from gonghui.publishing.articles.actions import submit_article
from gonghui.publishing.downloads.actions import create_download
from gonghui.publishing.local.actions import close_section
from gonghui.publishing.local.queries import proposed_slug
from gonghui.publishing.models import Article, LocalSection
from gonghui.unions.models import Union
from tests.publishing.stories import (
    local_colleague,
    local_published,
    local_written,
    opened,
    published,
    two_persons,
    uploaded_file,
    workbook,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client, cast):
    client.force_login(cast.platform_admin)
    return client


@pytest.fixture
def editor(client, cast):
    client.force_login(cast.district_admin)
    return client


def test_the_chief_opens_a_section_by_the_page(chief, cast):
    page = chief.get("/publishing/local/").text
    assert page.count("未开通") == 2
    path = f"/publishing/local/{cast.district.pk}/open/"
    page = chief.get(path).text
    assert 'value="yangpu"' in page
    assert "该会只有一名管理员（区总管理员）" in page
    answer = chief.post(path, {"slug": "杨浦"})
    assert (answer.status_code, "网址只能由小写字母" in answer.text) == (422, True)
    assert 'value="杨浦"' in answer.text
    page = chief.post(path, {"slug": "yangpu"}, follow=True).text
    assert "已开通「杨浦区总工会」的栏目" in page
    assert "/local/yangpu/" in page
    again = chief.post(path, {})
    assert (again.status_code, "已经开通" in again.text) == (422, True)
    assert chief.get(path).url == "/publishing/local/"


@pytest.mark.parametrize(
    ("area", "slug"),
    [("杨浦区", "yangpu"), ("浦东新区", "pudong"), ("长宁区", "changning"), ("机电", "jidian"), ("", "")],
)
def test_an_address_is_proposed_by_the_reading_of_the_name(area, slug):
    assert proposed_slug(Union(area=area)) == slug


def test_before_closing_the_page_says_what_goes(chief, cast):
    local_published(cast)
    local_published(cast, "第二篇")
    create_download("报名表", "", ContentFile(workbook(), "a.xlsx"), by=cast.district_admin)
    path = f"/publishing/local/{cast.district.pk}/close/"
    page = " ".join(chief.get(path).text.split())
    assert "2 篇已发布的文章和 1 个下载不再公开" in page
    answer = chief.post(path, {"reason": ""})
    assert (answer.status_code, LocalSection.objects.get().is_open) == (422, True)
    page = chief.post(path, {"reason": "停办"}, follow=True).text
    assert "已关闭「杨浦区总工会」的栏目" in page
    assert chief.get(path).url == "/publishing/local/"
    page = " ".join(chief.get(f"/publishing/local/{cast.district.pk}/open/").text.split())
    assert "2 篇已发布的文章、1 个下载重新公开" in page
    assert 'name="slug"' not in page


def test_an_editor_of_a_district_finds_menu_and_pages_while_the_section_is_open(editor, cast):
    assert "门户管理" not in editor.get("/home/").text
    assert editor.get("/publishing/").status_code == 404
    local = opened(cast)
    assert "门户管理" in editor.get("/home/").text
    page = editor.get("/publishing/").text
    assert "还没有文章" in page
    assert 'name="section"' not in page
    close_section(local, reason="停办", by=cast.platform_admin)
    assert "门户管理" not in editor.get("/home/").text
    assert editor.get("/publishing/").status_code == 404


def test_an_article_is_begun_written_published_and_withdrawn_by_the_pages(editor, cast):
    opened(cast)
    page = editor.get("/publishing/new/").text
    assert 'name="section"' not in page
    answer = editor.post("/publishing/new/", {"title": "园区普法", "section": "news"})  # which nobody offered
    article = Article.objects.get()
    assert (article.section, article.local.union) == ("local", cast.district)
    editor.post(answer.url, {"title": "园区普法", "body": "<p>文</p>", "format": "html", "version": article.version})
    article.refresh_from_db()
    path = f"/publishing/{article.pk}/"
    page = editor.post(path, {"act": "publish", "version": article.version}, follow=True).text
    assert "已发布，公众现在可以看到。" in page
    assert "加入首页轮播" not in page
    assert "保存网址" in page
    assert "园区普法" in editor.get("/local/yangpu/").text
    article.refresh_from_db()
    page = editor.post(path, {"act": "move", "version": article.version, "slug": "law"}, follow=True).text
    assert "已修改，原来的网址会自动转到新的网址。" in page
    article.refresh_from_db()
    editor.post(path, {"act": "withdraw", "version": article.version, "reason": "重复"})
    assert editor.get("/local/yangpu/law/").status_code == 410


def test_what_is_in_another_section_is_not_found(editor, cast):
    opened(cast)
    strange = [local_published(cast, by=cast.bureau_admin), published(cast)]
    theirs = create_download("机电的", "", ContentFile(workbook(), "a.xlsx"), by=cast.bureau_admin)
    files = [theirs, uploaded_file(cast)]
    assert "机电" not in editor.get("/publishing/").text + editor.get("/publishing/downloads/").text
    for article in strange:
        for path in ("", "edit/", "revisions/1/"):
            assert editor.get(f"/publishing/{article.pk}/{path}").status_code == 404
        data = {"act": "withdraw", "version": article.version, "reason": "x"}
        assert editor.post(f"/publishing/{article.pk}/", data).status_code == 404
    for one in files:
        assert editor.get(f"/publishing/downloads/{one.pk}/").status_code == 404
        assert editor.post(f"/publishing/downloads/{one.pk}/withdraw/", {"withdrawn": "1"}).status_code == 404
        version = one.versions.get()
        assert editor.post(f"/publishing/downloads/versions/{version.pk}/publish/").status_code == 404
    assert Article.objects.public().count() == 2


def test_the_city_sees_withdraws_and_edits_nothing(chief, cast):
    article = local_published(cast)
    listed = chief.get("/publishing/").text
    assert "杨浦区总工会" in listed
    assert f"/publishing/{article.pk}/edit/" not in listed
    assert article.head.title in chief.get(f"/publishing/?local={article.local_id}").text
    assert article.head.title not in chief.get("/publishing/?section=news").text
    assert chief.get(f"/publishing/{article.pk}/edit/").status_code == 404
    path = f"/publishing/{article.pk}/"
    page = chief.get(path).text
    for act in ("publish", "submit", "pin", "move", "end"):
        assert f'value="{act}"' not in page
    page = chief.get(f"{path}revisions/1/").text
    assert "恢复第 1 版" not in page
    page = chief.post(path, {"act": "withdraw", "version": article.version, "reason": "数字有误"}, follow=True).text
    assert "已撤下" in page
    assert "再次发布要由市总工会复核" in page


def test_the_editor_is_told_who_publishes(editor, cast):
    article = local_written(cast)
    assert 'value="publish"' in editor.get(f"/publishing/{article.pk}/").text
    two_persons()
    assert "由市总工会的管理员复核发布" in editor.get(f"/publishing/{article.pk}/").text
    page = editor.post(f"/publishing/{article.pk}/", {"act": "submit", "version": article.version}, follow=True).text
    assert "已通知市总工会的管理员" in page
    assert "由市总工会的管理员发布。" in page
    editor.force_login(cast.platform_admin)
    page = editor.get(f"/publishing/{article.pk}/").text
    assert 'value="publish"' in page
    assert 'value="return"' in page
    local_colleague(cast)  # who can do it now
    page = editor.get(f"/publishing/{article.pk}/").text
    assert 'value="publish"' not in page
    assert 'value="return"' not in page


def test_a_file_is_uploaded_and_the_city_withdraws_it_by_the_pages(editor, cast):
    opened(cast)
    data = {"title": "报名表", "file": ContentFile(workbook(), "a.xlsx")}
    assert "已上传「报名表」" in editor.post("/publishing/downloads/new/", data, follow=True).text
    download = create_download("申请表", "", ContentFile(workbook("二"), "a.xlsx"), by=cast.district_admin)
    path = f"/publishing/downloads/{download.pk}/"
    editor.force_login(cast.platform_admin)
    page = editor.get(path).text
    assert "上传新版本" not in page
    assert editor.post(path, {"file": ContentFile(workbook("三"), "a.xlsx")}).status_code == 404
    assert download.versions.count() == 1
    editor.post(f"{path}withdraw/", {"withdrawn": "1"})
    assert editor.get(f"/downloads/{download.pk}/").status_code == 404
    editor.force_login(cast.district_admin)
    page = editor.get(path).text
    assert "这个下载由市总工会撤下" in page
    assert "withdraw/" not in page


def test_a_file_of_the_only_editor_says_that_the_city_publishes_it(editor, cast):
    opened(cast)
    two_persons()
    download = create_download("报名表", "", ContentFile(workbook(), "a.xlsx"), by=cast.district_admin)
    assert "由市总工会的管理员发布" in editor.get(f"/publishing/downloads/{download.pk}/").text


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_of_sections_asks_no_more_for_many(chief, cast, rows, django_assert_max_num_queries):
    local_published(cast)
    for number in range(rows):
        Union.objects.create(kind="bureau", superior=cast.city, name=f"第 {number} 工会", state="approved")
    chief.get("/publishing/local/")
    with django_assert_max_num_queries(12):
        assert chief.get("/publishing/local/").status_code == 200


def test_the_second_person_of_a_district_publishes_by_the_page(editor, cast):
    article, other = local_written(cast), local_colleague(cast)
    two_persons()
    article = submit_article(article, version=article.version, by=cast.district_admin)
    editor.force_login(other)
    path = f"/publishing/{article.pk}/"
    page = editor.post(path, {"act": "publish", "version": article.version}, follow=True).text
    assert "公众现在可以看到" in page
