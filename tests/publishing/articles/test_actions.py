"""Writing, submitting, publishing and withdrawing: succeeds, by the wrong person, in the wrong state, twice."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from gonghui.publishing.articles.actions import (
    Stale,
    Text,
    create_article,
    end_article,
    publish_article,
    restore_revision,
    return_article,
    save_text,
    submit_article,
    withdraw_article,
)
from gonghui.publishing.models import Article, ArticleState, Revision, Shown
from tests.publishing.stories import BODY, colleague, published, submitted, two_persons, typed, written
from tests.states import every_move_is_made

pytestmark = pytest.mark.django_db


def again(article: Article) -> Article:
    return Article.objects.get(pk=article.pk)


def test_an_article_is_written_published_and_withdrawn(cast):
    article = written(cast)
    assert (article.shown, article.head.number, article.slug) == (Shown.DRAFT, 2, str(article.pk))
    article = publish_article(article, version=article.version, by=cast.platform_admin)
    assert (article.shown, article.live, article.published_by) == (Shown.PUBLISHED, article.head, cast.platform_admin)
    assert Article.objects.public().get() == article
    article = withdraw_article(article, reason="数字有误", version=article.version, by=cast.platform_admin)
    assert (article.shown, article.reason) == (Shown.WITHDRAWN, "数字有误")
    assert not Article.objects.public().exists()
    verbs = list(Entry.objects.filter(verb__startswith="article.").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["article.created", "article.saved", "article.published", "article.withdrawn"]


def test_every_move_of_an_article_is_made(cast):
    with every_move_is_made(Article):
        article = published(cast)
        article = withdraw_article(article, reason="数字有误", version=article.version, by=cast.platform_admin)
        publish_article(article, version=article.version, by=cast.platform_admin)


@pytest.mark.parametrize("who", ["district_admin", "reviewer", "officer"])
def test_only_administrators_of_the_city_write(cast, who):
    article, by = published(cast), getattr(cast, who)
    for act in (
        lambda: create_article("news", "标题", by=by),
        lambda: save_text(article, Text("改", body=BODY), version=article.version, by=by),
        lambda: publish_article(article, version=article.version, by=by),
        lambda: withdraw_article(article, reason="x", version=article.version, by=by),
        lambda: submit_article(article, version=article.version, by=by),
        lambda: restore_revision(article.head, version=article.version, by=by),
    ):
        with pytest.raises(Refused, match="市总工会的管理员"):
            act()
    assert again(article).version == article.version


def test_the_later_of_two_saves_is_refused_and_the_first_stays(cast):
    article, other = written(cast), colleague(cast)
    first = save_text(article, typed(article, title="甲的标题"), version=article.version, by=other)
    with pytest.raises(Stale, match="市总审稿人 在您打开页面之后保存了这篇文章") as refusal:
        save_text(article, typed(article, title="乙的标题"), version=article.version, by=cast.platform_admin)
    assert refusal.value.article.head.title == "甲的标题"
    assert again(article).head == first.head


def test_an_automatic_save_is_written_over_by_the_same_person_alone(cast):
    article, other = written(cast), colleague(cast)
    auto = save_text(article, typed(article, body="<p>一</p>"), version=article.version, automatic=True, by=other)
    auto = save_text(auto, typed(article, body="<p>一二</p>"), version=auto.version, automatic=True, by=other)
    assert (auto.head.number, auto.head.autosaved, auto.head.body) == (3, True, "<p>一二</p>")
    with pytest.raises(Stale):
        save_text(article, typed(article, body="<p>别人</p>"), version=article.version, by=cast.platform_admin)
    mine = save_text(auto, typed(auto, body="<p>三</p>"), version=auto.version, by=cast.platform_admin)
    assert (mine.head.number, mine.head.autosaved) == (4, False)
    assert Revision.objects.get(article=article, number=3).autosaved is False  # nobody writes over it any more
    assert Entry.objects.filter(verb="article.saved").count() == 3


def test_nothing_changed_saves_nothing(cast):
    article = written(cast)
    same = save_text(article, typed(article), version=article.version, by=cast.platform_admin)
    assert (same.version, same.revisions.count()) == (article.version, 2)


@pytest.mark.parametrize(("title", "sentence"), [("  ", "请填写标题"), ("长" * 101, "标题有 101 个字")])
def test_a_title_is_there_and_short(cast, title, sentence):
    article = written(cast)
    with pytest.raises(Refused, match=sentence) as refusal:
        save_text(article, typed(article, title=title), version=article.version, by=cast.platform_admin)
    assert refusal.value.field == "title"


def test_an_earlier_revision_is_restored_as_a_new_one(cast):
    article = written(cast)
    article = save_text(article, typed(article, title="改坏了"), version=article.version, by=cast.platform_admin)
    old = Revision.objects.get(article=article, number=2)
    article = restore_revision(old, version=article.version, by=cast.platform_admin)
    assert (article.head.number, article.head.title, article.head.body) == (4, old.title, old.body)
    with pytest.raises(Refused, match="已被其他人修改"):
        restore_revision(old, version=article.version - 1, by=cast.platform_admin)


def test_who_writes_does_not_publish_where_the_city_says_so(cast):
    article, other = written(cast), colleague(cast)
    two_persons()
    for by in (cast.platform_admin, other):  # not even another one before it is submitted
        with pytest.raises(Refused, match="须由没有参与撰写的另一名管理员"):
            publish_article(article, version=article.version, by=by)
    article = submit_article(article, version=article.version, by=cast.platform_admin)
    assert article.shown == Shown.SUBMITTED
    with pytest.raises(Refused, match="须由没有参与撰写的另一名管理员"):
        publish_article(article, version=article.version, by=cast.platform_admin)
    article = publish_article(article, version=article.version, by=other)
    assert (article.published_by, article.submitted_at) == (other, None)


def test_a_correction_of_what_is_public_needs_the_second_person_too(cast):
    article, other = published(cast), colleague(cast)
    two_persons()
    article = save_text(article, typed(article, title="更正"), version=article.version, by=other)
    assert (article.is_changed, article.live.title) == (True, "冬季送温暖走访启动")
    article = submit_article(article, version=article.version, by=other)
    with pytest.raises(Refused, match="没有参与撰写"):
        publish_article(article, version=article.version, by=other)
    # who wrote what was public before is a second person to this correction
    assert publish_article(article, version=article.version, by=cast.platform_admin).live.title == "更正"


def test_the_second_person_is_asked_by_the_bell_until_it_is_answered(cast):
    other = colleague(cast)
    article = submitted(cast)
    notice = Notice.objects.get(kind="publishing.article")
    assert (notice.user, notice.title, notice.read_at) == (other, "「冬季送温暖走访启动」待您复核发布", None)
    with pytest.raises(Refused, match="已经提交复核"):
        submit_article(article, version=article.version, by=cast.platform_admin)
    article = return_article(article, reason="请核对日期", version=article.version, by=other)
    notice.refresh_from_db()
    assert notice.read_at
    assert article.shown == Shown.DRAFT
    told = Notice.objects.get(user=cast.platform_admin)
    assert (told.title, told.body) == ("「冬季送温暖走访启动」被退回修改", "意见：请核对日期")


def test_who_saves_again_takes_it_out_of_the_second_persons_hands(cast):
    colleague(cast)
    article = submitted(cast)
    article = save_text(article, typed(article, title="再改"), version=article.version, by=cast.platform_admin)
    assert article.shown == Shown.DRAFT
    assert Notice.objects.get(kind="publishing.article").read_at


def test_who_wrote_does_not_return_and_nothing_unsubmitted_is_returned(cast):
    article, other = submitted(cast), colleague(cast)
    with pytest.raises(Refused, match="您参与了撰写"):
        return_article(article, reason="x", version=article.version, by=cast.platform_admin)
    with pytest.raises(Refused, match="请填写退回意见"):
        return_article(article, reason=" ", version=article.version, by=other)
    article = return_article(article, reason="x", version=article.version, by=other)
    with pytest.raises(Refused, match="没有等待复核"):
        return_article(article, reason="x", version=article.version, by=other)


def test_it_is_published_and_withdrawn_at_its_times(cast):
    article, now = written(cast), timezone.now()
    at, until = now + timedelta(hours=1), now + timedelta(hours=2)
    article = publish_article(article, version=article.version, at=at, until=until, by=cast.platform_admin)
    assert article.shown == Shown.SCHEDULED
    assert not Article.objects.public().exists()
    Article.objects.update(published_at=now - timedelta(hours=1))
    assert again(article).shown == Shown.PUBLISHED
    assert Article.objects.public().exists()
    Article.objects.update(withdraw_at=now - timedelta(minutes=1))
    assert again(article).shown == Shown.WITHDRAWN
    assert not Article.objects.public().exists()
    for shown in Shown:
        assert Article.objects.shown_as(shown).exists() == (shown == Shown.WITHDRAWN)


@pytest.mark.parametrize(
    ("times", "field", "sentence"),
    [
        ({"at": datetime(1970, 1, 1, tzinfo=timezone.get_default_timezone())}, "at", "发布时间已经过去"),
        ({"at": datetime(9999, 12, 31, tzinfo=timezone.get_default_timezone())}, "at", "发布时间太远"),
        ({"until": datetime(1970, 1, 1, tzinfo=timezone.get_default_timezone())}, "until", "撤下时间要晚于发布时间"),
        ({"until": datetime(9999, 12, 31, tzinfo=timezone.get_default_timezone())}, "until", "撤下时间太远"),
    ],
)
def test_a_time_of_1970_or_of_9999_is_refused(cast, times, field, sentence):
    article = written(cast)
    with pytest.raises(Refused, match=sentence) as refusal:
        publish_article(article, version=article.version, by=cast.platform_admin, **times)
    assert refusal.value.field == field
    assert again(article).state == ArticleState.DRAFT


def test_an_end_is_set_and_taken_away(cast):
    article = published(cast)
    until = timezone.now() + timedelta(days=1)
    article = end_article(article, until, version=article.version, by=cast.platform_admin)
    assert article.withdraw_at == until
    article = end_article(article, None, version=article.version, by=cast.platform_admin)
    assert article.withdraw_at is None
    draft = written(cast)
    with pytest.raises(Refused, match="没有发布"):
        end_article(draft, until, version=draft.version, by=cast.platform_admin)


def test_nothing_empty_and_nothing_twice_is_published(cast):
    empty = create_article("news", "空", by=cast.platform_admin)
    with pytest.raises(Refused, match="正文还是空的"):
        publish_article(empty, version=empty.version, by=cast.platform_admin)
    article = published(cast)
    with pytest.raises(Refused, match="已经发布"):
        publish_article(article, version=article.version, by=cast.platform_admin)
    with pytest.raises(Refused, match="已被其他人修改"):
        publish_article(article, version=article.version - 1, by=cast.platform_admin)


def test_a_withdrawal_has_a_reason_and_happens_once(cast):
    article = published(cast)
    with pytest.raises(Refused, match="请填写撤下原因"):
        withdraw_article(article, reason=" ", version=article.version, by=cast.platform_admin)
    article = withdraw_article(article, reason="重复", version=article.version, by=cast.platform_admin)
    with pytest.raises(Refused, match="没有发布"):
        withdraw_article(article, reason="重复", version=article.version, by=cast.platform_admin)
