"""Reads that the public pages and the editors' pages share."""

from collections.abc import Iterable, Sequence

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from gonghui.publishing.html import keys_in
from gonghui.publishing.local.queries import any_open
from gonghui.publishing.models import (
    CITY_SECTIONS,
    Article,
    ArticleQuerySet,
    Download,
    DownloadVersion,
    LocalSection,
    Picture,
    Rendition,
    Section,
)

SLIDES = 5


def listed() -> ArticleQuerySet:
    """Returns public articles with what a list shows of them: without their texts."""
    rows = Article.objects.public().select_related("live", "live__cover", "local__union")
    return rows.defer("search", "terms", "live__body").newest()


def pinned(rows: ArticleQuerySet) -> list[Article]:
    """Returns the pinned articles of a section's, in their order."""
    return list(rows.filter(pin__isnull=False).order_by("pin"))


def latest(section: str, count: int) -> list[Article]:
    """Returns so many articles of a section: the pinned ones first, then the newest."""
    rows = listed().filter(section=section)
    above = pinned(rows)
    rest = rows.filter(pin=None)[: max(0, count - len(above))]
    return [*above, *rest][:count]


def local_news(count: int) -> list[Article]:
    """Returns so many articles of districts and bureaus, the newest first: of each its newest, before any other one.

    So one that writes a lot does not take the place of all others.
    """
    newest = Article.objects.published().filter(local=OuterRef("pk")).newest().values("pk")[:1]
    sections = LocalSection.objects.filter(is_open=True).values_list(Subquery(newest))
    found = list(listed().filter(pk__in=sections)[:count])
    if 0 < len(found) < count:
        others = listed().filter(section=Section.LOCAL).exclude(pk__in=[one.pk for one in found])
        found += others[: count - len(found)]
    return sorted(found, key=lambda one: (one.published_at, one.pk), reverse=True)


def sections() -> list[Section]:
    """Returns the sections that the public pages name."""
    return [*CITY_SECTIONS, Section.LOCAL] if any_open() else [*CITY_SECTIONS]


def slides() -> list[Article]:
    """Returns the articles that the home page shows with their covers, the newest first."""
    rows = listed().filter(featured=True, live__cover__isnull=False)
    return list(rows.prefetch_related(Prefetch("live__cover__renditions", _sizes()))[:SLIDES])


def pictures_of(body: str) -> dict[str, Picture]:
    """Returns the pictures in a text by their keys, with their sizes: two queries at most."""
    keys = keys_in(body)
    return {str(picture.key): picture for picture in pictures().filter(key__in=keys)} if keys else {}


def pictures() -> QuerySet[Picture]:
    """Returns pictures with their sizes, without the contents."""
    return Picture.objects.prefetch_related(Prefetch("renditions", _sizes()))


def _sizes() -> QuerySet[Rendition]:
    return Rendition.objects.defer("content").order_by("width")


def public_downloads(local: LocalSection | None = None) -> list[Download]:
    """Returns the files for the public, the city's or those of a section, each with ``newest``, its newest published
    version (without the content).
    """
    published = DownloadVersion.objects.filter(download=OuterRef("pk"), published_at__isnull=False).order_by("-number")
    rows = Download.objects.filter(local=local, withdrawn=False).alias(newest_id=Subquery(published.values("pk")[:1]))
    downloads = list(rows.filter(newest_id__isnull=False).order_by("title", "pk")[:200])
    return with_newest(downloads)


def with_newest(downloads: Sequence[Download]) -> list[Download]:
    """Sets ``newest`` of each: its newest published version, or None."""
    versions: Iterable[DownloadVersion] = (
        DownloadVersion.objects.filter(download__in=downloads, published_at__isnull=False)
        .order_by("download_id", "-number")
        .distinct("download_id")
        .defer("content")
    )
    by_download = {version.download_id: version for version in versions}
    for download in downloads:
        download.newest = by_download.get(download.pk)  # type: ignore[attr-defined] # for the templates
    return list(downloads)
