"""Pins, slides and addresses: at most so many, only of what is public, and no address twice."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.publishing.articles.actions import withdraw_article
from gonghui.publishing.models import Article, FormerSlug
from gonghui.publishing.placing.actions import (
    MAX_FEATURED,
    feature_article,
    move_article,
    pin_article,
    unfeature_article,
    unpin_article,
)
from tests.publishing.stories import picture, published, written

pytestmark = pytest.mark.django_db


def move(article, cast, slug, section="news"):
    return move_article(article, section=section, slug=slug, version=article.version, by=cast.platform_admin)


def test_at_most_three_are_pinned_in_a_section(cast):
    by, pins = cast.platform_admin, [published(cast, f"第 {n} 篇") for n in range(4)]
    for one in pins[:3]:
        pin_article(one, by=by)
    with pytest.raises(Refused, match="「工会新闻」已有 3 篇置顶"):
        pin_article(pins[3], by=by)
    pin_article(published(cast, "公告", section="announcements"), by=by)  # another section
    unpin_article(pins[1], by=by)
    assert pin_article(pins[3], by=by).pin == 2
    with transaction.atomic(), pytest.raises(IntegrityError):
        Article.objects.filter(pk=pins[1].pk).update(pin=1)


def test_what_is_over_holds_no_pin(cast):
    by, pins = cast.platform_admin, [published(cast, f"第 {n} 篇", days_ago=2) for n in range(4)]
    for one in pins[:3]:
        pin_article(one, by=by)
    Article.objects.filter(pk=pins[0].pk).update(withdraw_at=timezone.now() - timedelta(days=1))
    assert pin_article(pins[3], by=by).pin == 1


def test_only_what_is_published_is_pinned_once(cast):
    by = cast.platform_admin
    with pytest.raises(Refused, match="只有已发布"):
        pin_article(written(cast), by=by)
    article = pin_article(published(cast), by=by)
    with pytest.raises(Refused, match="已经置顶"):
        pin_article(article, by=by)
    unpin_article(article, by=by)
    with pytest.raises(Refused, match="没有置顶"):
        unpin_article(article, by=by)
    with pytest.raises(Refused, match="市总工会的管理员"):
        pin_article(article, by=cast.district_admin)


def test_a_withdrawn_article_leaves_its_places(cast):
    article = published(cast, cover=picture(cast))
    pin_article(article, by=cast.platform_admin)
    article = feature_article(article, by=cast.platform_admin)
    article = withdraw_article(article, reason="重复", version=article.version, by=cast.platform_admin)
    assert (article.pin, article.featured) == (None, False)


def test_slides_have_a_cover_and_are_few(cast):
    by, cover = cast.platform_admin, picture(cast)
    with pytest.raises(Refused, match="首页轮播要有题图"):
        feature_article(published(cast), by=by)
    with pytest.raises(Refused, match="只有已发布"):
        feature_article(written(cast, cover=cover), by=by)
    shown = [feature_article(published(cast, f"图 {n}", cover=cover), by=by) for n in range(MAX_FEATURED)]
    more = published(cast, "再一篇", cover=cover)
    with pytest.raises(Refused, match="首页轮播已有 5 篇"):
        feature_article(more, by=by)
    with pytest.raises(Refused, match="已经在首页轮播中"):
        feature_article(shown[0], by=by)
    unfeature_article(shown[0], by=by)
    with pytest.raises(Refused, match="不在首页轮播中"):
        unfeature_article(shown[0], by=by)
    assert feature_article(more, by=by).featured


@pytest.mark.parametrize("slug", ["中文", "a b", "../etc", "-a", "a--b", "123", "a" * 61, "a/b"])
def test_an_address_is_letters_numbers_and_hyphens(cast, slug):
    with pytest.raises(Refused, match="网址只能由小写字母") as refusal:
        move(published(cast), cast, slug)
    assert refusal.value.field == "slug"


def test_no_address_is_used_twice_not_even_a_former_one(cast):
    first, second = published(cast), published(cast, "另一篇")
    first = move(first, cast, "winter")
    first = move(first, cast, "winter-visit")
    for slug in ("winter", "winter-visit"):
        with pytest.raises(Refused, match="已被另一篇文章使用过"):
            move(second, cast, slug)
    first = move(first, cast, "winter")  # its own it may have again
    assert first.slug == "winter"
    assert set(FormerSlug.objects.values_list("slug", flat=True)) == {str(first.pk), "winter-visit"}
    with pytest.raises(Refused, match="没有变化"):
        move(first, cast, "Winter ")
    entry = Entry.objects.filter(verb="article.moved").latest("pk")
    assert entry.data == {"changes": [["网址", "/news/winter-visit/", "/news/winter/"]]}


def test_a_pin_stays_in_its_section(cast):
    article = pin_article(published(cast), by=cast.platform_admin)
    assert move(article, cast, "winter", section="announcements").pin is None
