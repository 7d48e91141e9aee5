"""What is published on the public pages: articles with their revisions, pictures, downloads (SPEC 1.5).

The city has sections of its own, and opens one to each district or bureau that shall edit one: a ``LocalSection``. Of
what belongs to the city, ``local`` is null.
"""

from datetime import datetime
from typing import ClassVar, Self
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.kit.pictures import RenditionColumns, RenditionType
from gonghui.kit.states import Transitions, state_triggers
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

MAX_TITLE = 100
MAX_PINS = 3
"""Pinned articles of one section at most."""


class Section(models.TextChoices):
    """A section of the public pages. The value begins the address of its articles."""

    NEWS = "news", "工会新闻"
    ANNOUNCEMENTS = "announcements", "通知公告"
    DOCUMENTS = "documents", "政策文件"
    LOCAL = "local", "区局动态"


CITY_SECTIONS = (Section.NEWS, Section.ANNOUNCEMENTS, Section.DOCUMENTS)
"""Those that the city edits itself."""


class ArticleState(models.TextChoices):
    """What editors have decided; what the public sees depends on the times, too: ``Shown``."""

    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤下"


ARTICLE_TRANSITIONS = Transitions(
    initial=[ArticleState.DRAFT],
    following={
        ArticleState.DRAFT: [ArticleState.PUBLISHED],
        ArticleState.PUBLISHED: [ArticleState.WITHDRAWN],
        ArticleState.WITHDRAWN: [ArticleState.PUBLISHED],
    },
)


class Shown(models.TextChoices):
    """What an article is now, by its state and its times; not stored."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待复核"
    SCHEDULED = "scheduled", "定时发布"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤下"


class Picture(models.Model):
    """A picture in its intended orientation; its files are ``Rendition``. Anybody who knows the key may see it."""

    root: ClassVar[str] = "/pictures"

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    alt = models.TextField("图片说明")
    width = models.PositiveIntegerField("宽")
    height = models.PositiveIntegerField("高")
    added_by = models.ForeignKey(User, verbose_name="上传人", null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField("上传时间", db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(alt__regex=r"\S"), name="picture_has_alt")]

    def __str__(self) -> str:
        return self.alt


class Rendition(RenditionColumns):
    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["picture", "type", "width"], name="rendition_once"),
            models.CheckConstraint(condition=Q(type__in=RenditionType.values), name="rendition_type_known"),
        ]


@history()
class LocalSection(models.Model):
    """The section of a district or bureau, edited by its administrators while the city has it open.

    While it is closed the public sees nothing of it; what is in it stays as it is.
    """

    union = models.OneToOneField(Union, verbose_name="区局", on_delete=models.PROTECT, related_name="+")
    slug = models.TextField("网址", unique=True)
    is_open = models.BooleanField("已开通", default=True)

    def __str__(self) -> str:
        return self.union.name

    def get_absolute_url(self) -> str:
        return reverse("local", args=[self.slug])

    @property
    def short(self) -> str:
        """As rows of several name it: 杨浦区, 机电."""
        return self.union.area or self.union.name


SHOWING = Q(local=None) | Q(local__is_open=True)
"""What is in no section that is closed."""


class OfSectionQuerySet(models.QuerySet):
    """Articles or downloads: the city's own and those of districts and bureaus."""

    def visible_to(self, user: User) -> Self:
        """Returns to the city all; to a district or bureau what is in its own section, while that is open."""
        if user.union is None:
            return self.none()
        if user.union.kind == UnionKind.CITY:
            return self
        return self.filter(local__union=user.union, local__is_open=True)


class ArticleQuerySet(OfSectionQuerySet):
    def public(self) -> "ArticleQuerySet":
        """Returns what anybody may read now: published, and in no section that is closed."""
        return self.published().filter(SHOWING)

    def published(self) -> "ArticleQuerySet":
        """Returns what is published: its time has come and its end has not."""
        now = timezone.now()
        return self.filter(
            Q(withdraw_at=None) | Q(withdraw_at__gt=now), state=ArticleState.PUBLISHED, published_at__lte=now
        )

    def shown_as(self, shown: str) -> "ArticleQuerySet":
        """Returns the articles that ``Article.shown`` calls so now."""
        now = timezone.now()
        published = self.filter(state=ArticleState.PUBLISHED).exclude(withdraw_at__lte=now)
        return {
            Shown.DRAFT: self.filter(state=ArticleState.DRAFT, submitted_at=None),
            Shown.SUBMITTED: self.filter(submitted_at__isnull=False),
            Shown.SCHEDULED: published.filter(published_at__gt=now),
            Shown.PUBLISHED: published.filter(published_at__lte=now),
            Shown.WITHDRAWN: self.filter(
                Q(state=ArticleState.WITHDRAWN) | Q(state=ArticleState.PUBLISHED, withdraw_at__lte=now)
            ),
        }[Shown(shown)]

    def newest(self) -> "ArticleQuerySet":
        return self.order_by("-published_at", "-id")


_LOCAL = Q(local__isnull=False)


@history(exclude=["search", "terms"])
class Article(models.Model):
    """News, an announcement or a policy document. Its text stands in revisions.

    ``head`` is the newest revision, on which editors work; ``live`` the one that the public reads. ``version`` counts
    the changes, so that a page knows when it is stale. ``search`` and ``terms`` are of the live revision.
    """

    section = models.TextField("栏目", choices=Section.choices)
    local = models.ForeignKey(
        LocalSection, verbose_name="区局栏目", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    slug = models.TextField("网址", unique=True, null=True)  # null only inside the transaction that makes the row
    state = models.TextField("状态", choices=ArticleState.choices, default=ArticleState.DRAFT)
    # Null only inside the transaction that makes the row, too.
    head: "models.ForeignKey[Revision, Revision]" = models.ForeignKey(  # type: ignore[misc]
        "Revision", null=True, on_delete=models.PROTECT, related_name="+"
    )
    live = models.ForeignKey("Revision", null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField("发布时间", null=True)
    withdraw_at = models.DateTimeField("撤下时间", null=True)
    reason = models.TextField("撤下原因", blank=True, default="")
    withdrawn_by_city = models.BooleanField("由市总工会撤下", default=False, db_default=False)
    pin = models.PositiveSmallIntegerField("置顶", null=True)
    featured = models.BooleanField("首页轮播", default=False)
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("提交时间", null=True)
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey(User, verbose_name="起草人", null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField("修改时间", db_default=Now())
    search = models.TextField(blank=True, default="")
    terms = ArrayField(models.TextField(), default=list)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(section__in=Section.values), name="article_section_known"),
            models.CheckConstraint(condition=Q(state__in=ArticleState.values), name="article_state_known"),
            models.CheckConstraint(
                condition=Q(state=ArticleState.DRAFT) | Q(live__isnull=False, published_at__isnull=False),
                name="article_published_has_text_and_time",
            ),
            models.CheckConstraint(condition=Q(withdraw_at__gt=F("published_at")), name="article_times_in_order"),
            models.CheckConstraint(condition=Q(pin__range=(1, MAX_PINS)), name="article_pin_range"),
            models.UniqueConstraint(fields=["section", "pin"], condition=Q(local=None), name="article_pins_of_section"),
            models.UniqueConstraint(fields=["local", "pin"], name="article_pins_of_local"),
            models.CheckConstraint(
                condition=Q(section=Section.LOCAL, local__isnull=False, featured=False)
                | Q(~Q(section=Section.LOCAL), local=None, withdrawn_by_city=False),
                name="article_local_in_its_section",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None, submitted_by=None)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="article_submitted_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["section", "-published_at", "-id"], name="article_newest"),
            models.Index(fields=["local", "-published_at", "-id"], condition=_LOCAL, name="article_local_newest"),
            models.Index(fields=["local", "-changed_at", "-id"], condition=_LOCAL, name="article_local_changed"),
            models.Index(
                fields=["submitted_at", "id"], condition=Q(submitted_at__isnull=False), name="article_submitted"
            ),
            models.Index(fields=["-changed_at", "-id"], name="article_changed"),
            models.Index(fields=["-published_at", "-id"], condition=Q(featured=True), name="article_featured"),
            GinIndex(fields=["terms"], name="article_terms"),
        ]
        triggers = state_triggers("state", ARTICLE_TRANSITIONS)

    def __str__(self) -> str:
        return self.head.title if self.head else ""

    def get_absolute_url(self) -> str:
        if self.local:
            return reverse("local_article", args=[self.local.slug, self.slug])
        return reverse("article", args=[self.section, self.slug])

    @property
    def place(self) -> str:
        """The name of its section."""
        return str(self.local or self.get_section_display())

    @property
    def is_hidden(self) -> bool:
        """Whether nobody sees it, published or not: its section is closed."""
        return self.local is not None and not self.local.is_open

    @property
    def shown(self) -> Shown:
        """What it is now."""
        now = timezone.now()
        if self.state == ArticleState.DRAFT:
            return Shown.SUBMITTED if self.submitted_at else Shown.DRAFT
        if self.state == ArticleState.WITHDRAWN or (self.withdraw_at and self.withdraw_at <= now):
            return Shown.WITHDRAWN
        return Shown.SCHEDULED if _after(self.published_at, now) else Shown.PUBLISHED

    @property
    def is_changed(self) -> bool:
        """Whether editors have gone on since it was published."""
        return self.live_id is not None and self.live_id != self.head_id


def _after(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment > now


class Revision(models.Model):
    """The text of an article as one person saved it. Only an ``autosaved`` one is still written over, by that person."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField("版本")
    title = models.TextField("标题")
    summary = models.TextField("摘要", blank=True, default="")
    body = models.TextField("正文", blank=True, default="")
    cover = models.ForeignKey(Picture, verbose_name="题图", null=True, on_delete=models.PROTECT, related_name="+")
    document_number = models.TextField("文号", blank=True, default="")
    issued_on = models.DateField("发文日期", null=True)
    repealed = models.BooleanField("已废止", default=False)
    autosaved = models.BooleanField(default=False)
    saved_by = models.ForeignKey(User, verbose_name="保存人", null=True, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("保存时间", db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="revision_number_once"),
            models.CheckConstraint(condition=Q(title__regex=rf"^.{{1,{MAX_TITLE}}}$"), name="revision_title_length"),
        ]

    def __str__(self) -> str:
        return self.title


class FormerSlug(models.Model):
    """An address that an article had: it leads on to the present one for ever."""

    slug = models.TextField(unique=True)
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="former_slugs")


@history()
class Download(models.Model):
    """A file for the public under one title; its contents are ``DownloadVersion``."""

    local = models.ForeignKey(
        LocalSection, verbose_name="区局栏目", null=True, on_delete=models.PROTECT, related_name="+"
    )
    title = models.TextField("名称")
    note = models.TextField("说明", blank=True, default="")
    withdrawn = models.BooleanField("已撤下", default=False)
    withdrawn_by_city = models.BooleanField("由市总工会撤下", default=False, db_default=False)
    made_by = models.ForeignKey(User, verbose_name="建立人", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("建立时间", db_default=Now())

    objects = OfSectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(title__regex=rf"^.{{1,{MAX_TITLE}}}$"), name="download_title_length"),
            models.CheckConstraint(
                condition=Q(withdrawn_by_city=False) | Q(withdrawn=True, local__isnull=False),
                name="download_withdrawn_by_city_is_local",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FileKind(models.TextChoices):
    """What a published file is, by its content."""

    PDF = "pdf", "PDF"
    DOCX = "docx", "Word"
    XLSX = "xlsx", "Excel"


class DownloadVersion(models.Model):
    """One version of a file; ``count`` says how often it was sent. The public gets the newest published one."""

    download = models.ForeignKey(Download, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("版本")
    kind = models.TextField("类型", choices=FileKind.choices)
    size = models.PositiveIntegerField("大小")
    sha256 = models.TextField("校验值")
    content = models.BinaryField()
    count = models.PositiveBigIntegerField("下载次数", default=0)
    added_by = models.ForeignKey(User, verbose_name="上传人", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField("上传时间", db_default=Now())
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField("发布时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["download", "number"], name="download_version_once"),
            models.CheckConstraint(condition=Q(kind__in=FileKind.values), name="download_kind_known"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="download_has_checksum"),
        ]

    def __str__(self) -> str:
        return f"{self.download} 第 {self.number} 版"


@history()
class Site(models.Model):
    """How the city runs the public pages: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    second_person = models.BooleanField("须由第二人发布", default=False)
    grey_from = models.DateField("灰色模式开始", null=True)
    grey_until = models.DateField("灰色模式结束", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="site_is_one"),
            models.CheckConstraint(
                condition=Q(grey_from=None, grey_until=None) | Q(grey_until__gte=F("grey_from")),
                name="site_grey_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return "门户设置"
