"""What editors do with articles: write, submit, publish, withdraw. Nothing is deleted."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.publishing import notifications
from gonghui.publishing.articles.search import index_of
from gonghui.publishing.html import clean
from gonghui.publishing.local.locking import locked_own, locked_part
from gonghui.publishing.models import MAX_TITLE, Article, ArticleState, Picture, Revision, Section
from gonghui.publishing.rules import (
    asks_city,
    can_edit_part,
    can_edit_section,
    can_oversee,
    can_publish,
    can_return,
    is_city_editor,
    wrote,
)
from gonghui.publishing.sentences import may_not
from gonghui.publishing.site.actions import locked_site

verbs.register(
    article__created="起草文章",
    article__saved="保存文章",
    article__restored="恢复文章的旧版本",
    article__submitted="提交文章复核",
    article__returned="退回文章",
    article__published="发布文章",
    article__withdrawn="撤下文章",
    article__ended="设定文章撤下时间",
)
verbs.facts(
    "article", section=("栏目", Section), revision="版本", at="发布时间", until="撤下时间", automatic="自动保存"
)

SECOND_PERSON = "按门户设置，文章须由没有参与撰写的另一名管理员复核发布。请提交复核，并请同事发布。"
CITY_DECIDES = "这篇文章由市总工会复核发布。请提交复核，市总工会的管理员会收到通知。"
THEIRS = "这篇文章由「{}」的管理员自己复核发布，市总工会不能代为发布；不合适的，可以撤下。"
CHANGED_MEANWHILE = "您打开页面之后，这篇文章已被其他人修改，所以没有办理。请刷新页面，看过现在的内容以后再办理。"
MAX_REASON = 200
LATEST_YEAR = 2100


@dataclass(frozen=True)
class Text:
    """What an editor writes."""

    title: str
    summary: str = ""
    body: str = ""
    cover: Picture | None = None
    document_number: str = ""
    issued_on: date | None = None
    repealed: bool = False


class Stale(Refused):
    """Somebody else has saved meanwhile; ``article`` is as it is now."""

    def __init__(self, article: Article) -> None:
        super().__init__(
            f"{article.head.saved_by} 在您打开页面之后保存了这篇文章，您的修改没有保存，仍在下面的表单中。"
            "请对照不同之处，把要保留的内容改到表单里，再点「保存」。"
        )
        self.article = article


def create_article(section: str, title: str, *, by: User) -> Article:
    """Begins an article in a section, 区局动态 being that of the union of ``by``. Raises Refused: ``by`` may not, or no
    title.
    """
    with transaction.atomic():
        local = locked_own(by) if section == Section.LOCAL else None
        require(can_edit_section, by, local, sentence=may_not(local))
        title = _title(title)
        article = Article.objects.create(section=Section(section), local=local, made_by=by)
        article.slug = str(article.pk)
        article.head = Revision.objects.create(article=article, number=1, title=title, saved_by=by)
        article.save(update_fields=["slug", "head"])
        record("article.created", article, by=by, section=section)
    return article


def save_text(article: Article, text: Text, *, version: int, automatic: bool = False, by: User) -> Article:
    """Saves what was written as a new revision; an automatic one is written over by the next save of the same person.

    Raises Stale when somebody else has saved since ``version``, and Refused: ``by`` may not, no title, or as ``clean``.
    """
    text = Text(**_values(text) | {"title": _title(text.title), "body": clean(text.body)})
    with transaction.atomic():
        article = lock(article, by)
        head = article.head
        own_draft = head.autosaved and head.saved_by_id == by.pk
        if version != article.version and not own_draft:
            raise Stale(article)
        if _text_of(head) == text and (automatic or not head.autosaved):
            return article
        begins = not (automatic and own_draft)
        _write(article, text, automatic, by)
        if begins:
            record("article.saved", article, by=by, revision=article.head.number, automatic=automatic)
    return article


def restore_revision(revision: Revision, *, version: int, by: User) -> Article:
    """Makes an earlier text the newest revision. Raises Refused: ``by`` may not, or the article was changed."""
    with transaction.atomic():
        article = lock_unchanged(revision.article, version, by)
        _write(article, _text_of(revision), False, by, overwrite=False)
        record("article.restored", article, by=by, revision=revision.number)
    return article


def submit_article(article: Article, *, version: int, by: User) -> Article:
    """Asks a second person to publish. Raises Refused: ``by`` may not, changed meanwhile, submitted or public already."""
    with transaction.atomic():
        article = lock_unchanged(article, version, by)
        if article.submitted_at:
            raise Refused(f"{article.submitted_by} 已经提交复核，不需要再次提交。")
        _require_news(article)
        _close(article)
        article.submitted_by, article.submitted_at = by, timezone.now()
        save(article)
        record("article.submitted", article, by=by, revision=article.head.number)
        notifications.ask_second_person(article)
    return article


def return_article(article: Article, *, reason: str, version: int, by: User) -> Article:
    """Sends a submitted article back to its author. Raises Refused: ``by`` may not or wrote it, not submitted, no reason."""
    with transaction.atomic():
        article = lock_unchanged(article, version, by, may=can_oversee)
        if article.submitted_at is None or article.submitted_by is None:
            raise Refused("这篇文章没有等待复核，不能退回。请刷新页面查看。")
        require(can_return, by, article, sentence=THEIRS.format(article.local))
        if wrote(by, article):
            raise Refused("您参与了撰写，不需要退回：直接修改并保存，就不再等待复核。")
        reason = _reason(reason, "请填写退回意见，让撰写人知道要改什么。")
        author = article.submitted_by
        _end_submission(article)
        save(article)
        record("article.returned", article, by=by, reason=reason)
        notifications.tell_sent_back(article, author, reason)
    return article


def publish_article(
    article: Article, *, version: int, at: datetime | None = None, until: datetime | None = None, by: User
) -> Article:
    """Publishes the newest revision: now, or at a time to come, perhaps until a time.

    Of what is public already the time stays. Raises Refused: ``by`` may not publish it, changed meanwhile, a time that
    is past, an end before the beginning, or no text.
    """
    with transaction.atomic():
        site = locked_site()
        article = lock_unchanged(article, version, by, may=can_oversee)
        require(can_publish, by, article, site, sentence=_why_not_published(by, article))
        if article.state == ArticleState.PUBLISHED:
            _require_news(article)
        if not article.head.body:
            raise Refused("正文还是空的，不能发布。请先写正文并保存。")
        article.published_at = _beginning(article, at)
        article.withdraw_at = _end(until, article.published_at)
        _close(article)
        _end_submission(article)
        article.state, article.live, article.published_by, article.reason = ArticleState.PUBLISHED, article.head, by, ""
        article.withdrawn_by_city = False
        article.search, article.terms = index_of(article.head)
        save(article)
        until_said = _said(article.withdraw_at) or "长期"
        revision = article.head.number
        record("article.published", article, by=by, revision=revision, at=_said(article.published_at), until=until_said)
    return article


def withdraw_article(article: Article, *, reason: str, version: int, by: User) -> Article:
    """Takes an article off the public pages; its page says so from now on. Raises Refused: not public, or no reason.

    What the city takes off a district's section only the city publishes again.
    """
    with transaction.atomic():
        article = lock_unchanged(article, version, by, may=can_oversee)
        if article.state != ArticleState.PUBLISHED:
            raise Refused("这篇文章没有发布，不需要撤下。请刷新页面查看。")
        article.reason = _reason(reason, "请填写撤下原因，供以后查考（不公开）。")
        article.state, article.pin, article.featured = ArticleState.WITHDRAWN, None, False
        article.withdrawn_by_city = article.local is not None and is_city_editor(by)
        save(article)
        record("article.withdrawn", article, by=by, reason=article.reason)
        if article.withdrawn_by_city:
            notifications.tell_withdrawn(article)
    return article


def end_article(article: Article, until: datetime | None, *, version: int, by: User) -> Article:
    """Sets when a published article goes, or that it stays. Raises Refused: not published, or a time that is past."""
    with transaction.atomic():
        article = lock_unchanged(article, version, by)
        if article.state != ArticleState.PUBLISHED or article.published_at is None:
            raise Refused("这篇文章没有发布，不能设定撤下时间。")
        article.withdraw_at = _end(until, article.published_at)
        save(article)
        record("article.ended", article, by=by, until=_said(article.withdraw_at) or "长期")
    return article


May = Callable[[User, Article], bool]


def lock(article: Article, by: User, *, may: May = can_edit_part) -> Article:
    """Returns the article as it is now, locked, with its revisions. Raises Refused."""
    rows = Article.objects.select_related("head__saved_by", "live__cover", "submitted_by")
    locked = locked_part(rows, article)
    require(may, by, locked, sentence=may_not(locked.local))
    return locked


def lock_unchanged(article: Article, version: int, by: User, *, may: May = can_edit_part) -> Article:
    """As ``lock``. Raises Refused if it was changed since ``version``, too: what is done is done to what was seen."""
    locked = lock(article, by, may=may)
    if locked.version != version:
        raise Refused(CHANGED_MEANWHILE)
    return locked


def _write(article: Article, text: Text, automatic: bool, by: User, *, overwrite: bool = True) -> None:
    """Writes the newest revision: over the same person's automatic one, else a new one. It waits for nobody any more."""
    head, values = article.head, _values(text) | {"autosaved": automatic, "saved_at": timezone.now()}
    if overwrite and head.autosaved and head.saved_by_id == by.pk:
        Revision.objects.filter(pk=head.pk).update(**values)
        head.refresh_from_db()
    else:
        if head.autosaved:
            _close(article)
        article.head = Revision.objects.create(article=article, number=head.number + 1, saved_by=by, **values)
    _end_submission(article)
    save(article)


def _close(article: Article) -> None:
    """What was saved automatically is kept as it is."""
    if article.head.autosaved:
        article.head.autosaved = False
        article.head.save(update_fields=["autosaved"])


def _end_submission(article: Article) -> None:
    if article.submitted_at:
        article.submitted_by = article.submitted_at = None
        notifications.answered(article)


def save(article: Article) -> None:
    """Writes the row, and counts the change."""
    article.version += 1
    article.changed_at = timezone.now()
    article.save()


def _require_news(article: Article) -> None:
    """Raises Refused when the public reads this text already."""
    if article.state == ArticleState.PUBLISHED and article.live_id == article.head_id:
        raise Refused("现在的正文已经发布，没有新的修改。请先修改并保存。")


def _why_not_published(by: User, article: Article) -> str:
    if article.local and is_city_editor(by):
        return THEIRS.format(article.local)
    return CITY_DECIDES if asks_city(article) else SECOND_PERSON


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title:
        raise Refused("请填写标题。", field="title")
    if len(title) > MAX_TITLE:
        raise Refused(f"标题有 {len(title)} 个字，请缩短到 {MAX_TITLE} 个字以内。", field="title")
    return title


def _reason(reason: str, missing: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise Refused(missing, field="reason")
    if len(reason) > MAX_REASON:
        raise Refused(f"意见有 {len(reason)} 个字，请缩短到 {MAX_REASON} 个字以内。", field="reason")
    return reason


def _beginning(article: Article, at: datetime | None) -> datetime:
    """Returns when it becomes public. Raises Refused for a time that is past."""
    now = timezone.now()
    public = article.state == ArticleState.PUBLISHED and article.published_at and article.published_at <= now
    if public and at is None:
        return article.published_at or now
    if at is None:
        return now
    if at < now:
        raise Refused("发布时间已经过去。要立即发布的，请不填；要定时发布的，请填写以后的时间。", field="at")
    if at.year >= LATEST_YEAR:
        raise Refused("发布时间太远，请核对年份。", field="at")
    return at


def _end(until: datetime | None, beginning: datetime) -> datetime | None:
    """Returns when it goes. Raises Refused for a time that is past, or before the beginning."""
    if until is None:
        return None
    if until <= max(beginning, timezone.now()):
        raise Refused("撤下时间要晚于发布时间，也要晚于现在。不需要自动撤下的，请不填。", field="until")
    if until.year >= LATEST_YEAR:
        raise Refused("撤下时间太远，请核对年份；不需要自动撤下的，请不填。", field="until")
    return until


def _said(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def _values(text: Text) -> dict[str, Any]:
    return {field.name: getattr(text, field.name) for field in fields(text)}


def _text_of(revision: Revision) -> Text:
    return Text(**{field.name: getattr(revision, field.name) for field in fields(Text)})
