"""What waits for an editor: texts to read, files to publish (SPEC 1.5, 1.6)."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from gonghui.accounts.hooks import WorkItem
from gonghui.accounts.models import User
from gonghui.publishing.models import SHOWING, Article, DownloadVersion, Revision, Shown, Site
from gonghui.publishing.rules import administers_local, is_city_editor

_MENU = "publishing:list"


def work(user: User) -> Iterator[WorkItem]:
    """For ``accounts.hooks.worklist``: what the user may publish or send back, as ``rules.can_publish`` has it."""
    if not is_city_editor(user) and not administers_local(user):
        return
    yield WorkItem(
        label="门户文章待复核",
        rows=to_read(user),
        since=F("submitted_at"),
        menu=_MENU,
        url=f"{reverse(_MENU)}?state={Shown.SUBMITTED}",
        unit="篇",
        button="复核",
    )
    yield WorkItem(
        label="门户下载待发布",
        rows=files_to_publish(user),
        since=F("added_at"),
        menu=_MENU,
        url=reverse("publishing:downloads"),
        unit="个文件",
        button="查看",
    )


def to_read(user: User) -> QuerySet[Article]:
    """Returns the submitted articles that the user may decide on, the oldest first."""
    rows = Article.objects.filter(SHOWING, submitted_at__isnull=False).visible_to(user)
    own = Q(local=None) if is_city_editor(user) else Q(withdrawn_by_city=False)
    asked = Q(local__isnull=False) & (Q(withdrawn_by_city=True) | ~Exists(_second_persons()))
    decides = own & ~Exists(_written_by(user.pk))
    return rows.filter(decides | asked if is_city_editor(user) else decides).order_by("submitted_at", "pk")


def files_to_publish(user: User) -> QuerySet[DownloadVersion]:
    """Returns the newest versions that wait for another person than has uploaded them, the oldest first."""
    newer = DownloadVersion.objects.filter(download=OuterRef("download"), number__gt=OuterRef("number"))
    rows = DownloadVersion.objects.filter(
        ~Exists(newer), Exists(Site.objects.filter(second_person=True)), published_at=None, download__withdrawn=False
    )
    others = _local_editors("download__local__union").exclude(pk=OuterRef("added_by"))
    if is_city_editor(user):
        own = Q(download__local=None) & ~Q(added_by=user)
        rows = rows.filter(own | (Q(download__local__is_open=True) & ~Exists(others)))
    else:
        rows = rows.filter(~Q(added_by=user), download__local__union=user.union, download__local__is_open=True)
    return rows.order_by("added_at", "pk")


def _local_editors(path: str) -> QuerySet[User]:
    return User.objects.administrators().filter(union=OuterRef(path))


def _second_persons() -> QuerySet[User]:
    """Inside a query of articles: as ``rules.second_persons``."""
    return _local_editors("local__union").filter(~Exists(_written_by(OuterRef("pk"), further_out=True)))


def _written_by(user: int | OuterRef, *, further_out: bool = False) -> QuerySet[Revision]:
    """The revisions of that user since the live one; ``further_out``: of an article of the query around the one around."""

    def column(name: str) -> OuterRef:
        return OuterRef(OuterRef(name)) if further_out else OuterRef(name)

    return Revision.objects.filter(article=column("pk"), saved_by=user, number__gt=Coalesce(column("live__number"), 0))
