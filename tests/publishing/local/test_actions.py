"""Sections of districts and bureaus: opened and closed by the city, written in by their own administrators."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from gonghui.publishing.articles.actions import (
    create_article,
    publish_article,
    return_article,
    save_text,
    submit_article,
    withdraw_article,
)
from gonghui.publishing.downloads.actions import create_download, publish_version, set_withdrawn
from gonghui.publishing.local.actions import close_section, open_section
from gonghui.publishing.models import Article, Download, LocalSection, Section, Shown
from gonghui.publishing.pictures.actions import add_picture
from gonghui.publishing.placing.actions import feature_article, move_article, pin_article
from gonghui.publishing.queries import public_downloads
from gonghui.superiors import hooks as superiors
from tests.publishing.stories import (
    colleague,
    drawn,
    local_colleague,
    local_published,
    local_written,
    opened,
    picture,
    published,
    two_persons,
    typed,
    uploaded_file,
    workbook,
)

pytestmark = pytest.mark.django_db


def again(article: Article) -> Article:
    return Article.objects.get(pk=article.pk)


def file() -> ContentFile:
    return ContentFile(workbook(), "a.xlsx")


def test_a_section_is_opened_once_recorded_and_told(cast):
    local = opened(cast)
    assert (str(local), local.short, local.get_absolute_url()) == ("杨浦区总工会", "杨浦区", "/local/yangpu/")
    assert Entry.objects.get(verb="section.opened").data == {"slug": "yangpu"}
    assert Notice.objects.get(user=cast.district_admin).title == "市总工会已开通「杨浦区总工会」的门户栏目"
    with pytest.raises(Refused, match="已经开通"):
        open_section(cast.district, slug="another", by=cast.platform_admin)
    assert LocalSection.objects.get().slug == "yangpu"


@pytest.mark.parametrize("slug", ["", "杨浦", "1a", "a b", "../etc", "-a", "a--b", "a" * 31])
def test_its_address_is_letters_numbers_and_hyphens(cast, slug):
    with pytest.raises(Refused, match="网址只能由小写字母") as refusal:
        open_section(cast.district, slug=slug, by=cast.platform_admin)
    assert refusal.value.field == "slug"


def test_no_two_sections_have_one_address(cast):
    opened(cast)
    with pytest.raises(Refused, match="网址 yangpu 已用于「杨浦区总工会」的栏目"):
        open_section(cast.bureau, slug="Yangpu ", by=cast.platform_admin)


def test_only_districts_and_bureaus_get_one(cast):
    for union in (cast.city, cast.street, cast.union):
        with pytest.raises(Refused, match="不是在用的区总工会或产业局工会"):
            open_section(union, slug="a", by=cast.platform_admin)


def test_only_the_chief_opens_and_closes(cast):
    local = opened(cast)
    for by in (colleague(cast), cast.district_admin, cast.officer):
        with pytest.raises(Refused, match="平台管理员可以开通和关闭"):
            open_section(cast.bureau, slug="jidian", by=by)
        with pytest.raises(Refused, match="平台管理员可以开通和关闭"):
            close_section(local, reason="试", by=by)
    assert LocalSection.objects.get().is_open


def test_a_district_writes_and_publishes_in_its_own_section(cast):
    by, at = cast.district_admin, timezone.now() + timedelta(hours=1)
    article = local_written(cast)
    assert (article.section, article.local.union, article.place) == ("local", cast.district, "杨浦区总工会")
    assert publish_article(article, version=article.version, at=at, by=by).shown == Shown.SCHEDULED
    article = local_published(cast, "第二篇")
    assert article.get_absolute_url() == f"/local/yangpu/{article.pk}/"
    article = pin_article(article, by=by)
    article = move_article(article, section="local", slug="law", version=article.version, by=by)
    assert (article.pin, article.get_absolute_url()) == (1, "/local/yangpu/law/")
    article = withdraw_article(article, reason="重复", version=article.version, by=by)
    assert (article.shown, article.withdrawn_by_city) == (Shown.WITHDRAWN, False)
    assert publish_article(article, version=article.version, by=by).shown == Shown.PUBLISHED  # its own it may again


def test_each_section_has_its_own_three_pins(cast):
    for number in range(3):
        pin_article(local_published(cast, f"第 {number} 篇"), by=cast.district_admin)
    with pytest.raises(Refused, match="「杨浦区总工会」已有 3 篇置顶"):
        pin_article(local_published(cast, "第四篇"), by=cast.district_admin)
    other = pin_article(local_published(cast, "机电", by=cast.bureau_admin), by=cast.bureau_admin)
    assert other.pin == pin_article(published(cast), by=cast.platform_admin).pin == 1
    with transaction.atomic(), pytest.raises(IntegrityError):
        Article.objects.filter(local__union=cast.district, pin=2).update(pin=1)


def test_nobody_writes_in_another_section(cast):
    theirs = local_published(cast)
    opened(cast, cast.bureau, slug="jidian")
    for by, sentence in ((cast.bureau_admin, "只有「杨浦区总工会」的管理员"), (cast.reviewer, "只有「杨浦区总工会」")):
        for act in (
            lambda by=by: save_text(theirs, typed(theirs, title="改"), version=theirs.version, by=by),
            lambda by=by: publish_article(theirs, version=theirs.version, by=by),
            lambda by=by: submit_article(theirs, version=theirs.version, by=by),
            lambda by=by: withdraw_article(theirs, reason="x", version=theirs.version, by=by),
            lambda by=by: pin_article(theirs, by=by),
        ):
            with pytest.raises(Refused, match=sentence):
                act()
    with pytest.raises(Refused, match="市总工会的管理员"):
        create_article(Section.NEWS, "标题", by=cast.district_admin)
    for by in (cast.platform_admin, cast.reviewer, cast.officer):
        with pytest.raises(Refused, match="没有开通门户栏目"):
            create_article(Section.LOCAL, "标题", by=by)
    # the city writes nothing in it either, and moves nothing into it or out of it
    with pytest.raises(Refused, match="只有「杨浦区总工会」的管理员"):
        save_text(theirs, typed(theirs, title="改"), version=theirs.version, by=cast.platform_admin)
    with pytest.raises(Refused, match="不能互相移动"):
        move_article(theirs, section="news", slug="law", version=theirs.version, by=cast.district_admin)
    own = published(cast)
    with pytest.raises(Refused, match="不能互相移动"):
        move_article(own, section="local", slug="law", version=own.version, by=cast.platform_admin)
    assert again(theirs).version == theirs.version


def test_the_database_keeps_a_section_and_its_articles_together(cast):
    article, own = local_published(cast), published(cast)
    for pk, values in ((own.pk, {"section": "local"}), (article.pk, {"section": "news"}), (article.pk, {"local": None}),
                       (article.pk, {"featured": True}), (own.pk, {"withdrawn_by_city": True})):  # fmt: skip
        with transaction.atomic(), pytest.raises(IntegrityError, match="article_local_in_its_section"):
            Article.objects.filter(pk=pk).update(**values)


def test_the_slides_are_the_citys(cast):
    article = local_published(cast, cover=picture(cast))
    with pytest.raises(Refused, match="首页轮播只有市总工会自己的文章"):
        feature_article(article, by=cast.district_admin)


def test_the_second_person_is_of_the_same_district(cast):
    other = local_colleague(cast)
    article = local_written(cast)
    two_persons()
    article = submit_article(article, version=article.version, by=cast.district_admin)
    assert Notice.objects.get(kind="publishing.article").user == other
    for by, sentence in (
        (cast.district_admin, "没有参与撰写的另一名管理员"),
        (cast.platform_admin, "由「杨浦区总工会」的管理员自己复核发布"),
    ):
        with pytest.raises(Refused, match=sentence):
            publish_article(article, version=article.version, by=by)
    with pytest.raises(Refused, match="自己复核发布"):
        return_article(article, reason="x", version=article.version, by=cast.platform_admin)
    assert publish_article(article, version=article.version, by=other).published_by == other
    assert Notice.objects.get(kind="publishing.article").read_at


def test_where_a_district_has_one_editor_the_city_decides(cast):
    article = local_written(cast)
    two_persons()
    with pytest.raises(Refused, match="由市总工会复核发布"):
        publish_article(article, version=article.version, by=cast.district_admin)
    with pytest.raises(Refused, match="自己复核发布"):  # not before it is asked
        publish_article(article, version=article.version, by=cast.platform_admin)
    article = submit_article(article, version=article.version, by=cast.district_admin)
    assert Notice.objects.get(kind="publishing.article").user == cast.platform_admin
    article = return_article(article, reason="请核对日期", version=article.version, by=cast.platform_admin)
    assert Notice.objects.filter(user=cast.district_admin, body="意见：请核对日期").exists()
    article = submit_article(article, version=article.version, by=cast.district_admin)
    assert publish_article(article, version=article.version, by=cast.platform_admin).shown == Shown.PUBLISHED


def test_where_all_editors_of_a_district_wrote_the_city_decides(cast):
    other, article = local_colleague(cast), local_written(cast)
    article = save_text(article, typed(article, title="一起写的"), version=article.version, by=other)
    two_persons()
    article = submit_article(article, version=article.version, by=other)
    assert publish_article(article, version=article.version, by=cast.platform_admin).shown == Shown.PUBLISHED


def test_an_editor_who_leaves_blocks_nothing(cast):
    other, article = local_colleague(cast), local_written(cast)
    two_persons()
    article = submit_article(article, version=article.version, by=cast.district_admin)
    other.is_active = False
    other.save()
    assert publish_article(article, version=article.version, by=cast.platform_admin).shown == Shown.PUBLISHED


def test_what_the_city_withdraws_only_the_city_publishes_again(cast):
    local_colleague(cast)
    article = local_published(cast)
    article = withdraw_article(article, reason="数字有误", version=article.version, by=cast.platform_admin)
    told = Notice.objects.filter(title="市总工会撤下了「园区法律服务月启动」")
    assert {notice.user.name for notice in told} == {"区总管理员", "区总审稿人"}
    assert "数字有误" in told[0].body
    with pytest.raises(Refused, match="由市总工会复核发布"):
        publish_article(article, version=article.version, by=cast.district_admin)
    article = save_text(article, typed(article, title="更正"), version=article.version, by=cast.district_admin)
    article = submit_article(article, version=article.version, by=cast.district_admin)
    assert Notice.objects.get(kind="publishing.article").user == cast.platform_admin
    article = publish_article(article, version=article.version, by=cast.platform_admin)
    assert (article.shown, article.withdrawn_by_city) == (Shown.PUBLISHED, False)


def test_files_stand_in_the_section_and_a_second_person_publishes_them(cast):
    local = opened(cast)
    download = create_download("报名表", "", file(), by=cast.district_admin)
    assert (public_downloads(), public_downloads(local)) == ([], [download])
    two_persons()
    second = create_download("申请表", "", file(), by=cast.district_admin).versions.get()
    with pytest.raises(Refused, match="上传人以外"):
        publish_version(second, by=cast.district_admin)
    with pytest.raises(Refused, match="只有「杨浦区总工会」"):
        publish_version(second, by=cast.bureau_admin)
    other = local_colleague(cast)
    with pytest.raises(Refused, match="上传人以外"):
        publish_version(second, by=cast.platform_admin)
    other.is_active = False
    other.save()
    assert publish_version(second, by=cast.platform_admin).published_at  # nobody else is there


def test_a_file_that_the_city_withdraws_only_the_city_puts_back(cast):
    local = opened(cast)
    download = create_download("报名表", "", file(), by=cast.district_admin)
    set_withdrawn(download, True, by=cast.district_admin)
    with pytest.raises(Refused, match="只有「杨浦区总工会」"):
        set_withdrawn(download, False, by=cast.platform_admin)
    set_withdrawn(download, False, by=cast.district_admin)
    set_withdrawn(download, True, by=cast.platform_admin)
    assert public_downloads(local) == []
    with pytest.raises(Refused, match="只能由市总工会恢复"):
        set_withdrawn(download, False, by=cast.district_admin)
    set_withdrawn(download, False, by=cast.platform_admin)
    assert not Download.objects.get().withdrawn_by_city
    with pytest.raises(Refused, match="市总工会的管理员"):
        set_withdrawn(uploaded_file(cast), True, by=cast.district_admin)


def test_pictures_are_added_where_a_section_is_open_and_counted_by_union(cast, monkeypatch):
    monkeypatch.setattr("gonghui.publishing.pictures.actions.ADDED_A_DAY", 1)
    picture(cast)
    with pytest.raises(Refused, match="已开通门户栏目的区局的管理员"):
        add_picture(ContentFile(drawn(600, 400), "a.jpg"), alt="图", by=cast.district_admin)
    opened(cast)
    add_picture(ContentFile(drawn(600, 400), "a.jpg"), alt="图", by=cast.district_admin)
    with pytest.raises(Refused, match="本会今天已上传 1 张图片"):
        add_picture(ContentFile(drawn(600, 400), "a.jpg"), alt="图", by=cast.district_admin)


def test_a_closed_section_shows_nothing_and_comes_back_as_it_was(cast):
    article, by = local_published(cast), cast.district_admin
    draft = local_written(cast, "草稿")
    create_download("报名表", "", file(), by=by)
    local = opened(cast)
    waiting = submit_article(draft, version=draft.version, by=by)
    assert Notice.objects.get(kind="publishing.article").read_at is None
    close_section(local, reason="改用区总网站", by=cast.platform_admin)
    assert not Article.objects.public().exists()
    assert Notice.objects.get(kind="publishing.article").read_at
    told = Notice.objects.get(user=by, title="市总工会已关闭「杨浦区总工会」的门户栏目")
    assert "改用区总网站" in told.body
    assert Entry.objects.get(verb="section.closed").data == {"reason": "改用区总网站"}
    for act in (
        lambda: save_text(article, typed(article, title="改"), version=article.version, by=by),
        lambda: withdraw_article(article, reason="x", version=article.version, by=by),
    ):
        with pytest.raises(Refused, match="市总工会已关闭「杨浦区总工会」的栏目"):
            act()
    with pytest.raises(Refused, match="没有开通门户栏目"):
        create_article(Section.LOCAL, "标题", by=by)
    with pytest.raises(Refused, match="自己复核发布"):  # nor does the city publish in it
        publish_article(waiting, version=waiting.version, by=cast.platform_admin)
    with pytest.raises(Refused, match="已经关闭"):
        close_section(local, reason="再关", by=cast.platform_admin)
    open_section(cast.district, by=cast.platform_admin)
    assert (Article.objects.public().get(), LocalSection.objects.get().slug) == (article, "yangpu")
    assert again(article).version == article.version
    assert again(draft).shown == Shown.SUBMITTED


def test_the_city_withdraws_in_a_closed_section_too(cast):
    article = local_published(cast)
    close_section(opened(cast), reason="停办", by=cast.platform_admin)
    withdraw_article(article, reason="数字有误", version=article.version, by=cast.platform_admin)
    open_section(cast.district, by=cast.platform_admin)
    assert not Article.objects.public().exists()


@pytest.mark.parametrize(("reason", "sentence"), [(" ", "请填写关闭原因"), ("长" * 201, "关闭原因有 201 个字")])
def test_closing_has_a_reason(cast, reason, sentence):
    with pytest.raises(Refused, match=sentence) as refusal:
        close_section(opened(cast), reason=reason, by=cast.platform_admin)
    assert refusal.value.field == "reason"


def test_a_superior_with_an_open_section_does_not_close(cast):
    local = opened(cast)
    assert "它的门户栏目还没有关闭（门户管理—区局栏目）" in superiors.unfinished(cast.district, cast.bureau)
    close_section(local, reason="停办", by=cast.platform_admin)
    assert not any("门户栏目" in sentence for sentence in superiors.unfinished(cast.district, cast.bureau))
