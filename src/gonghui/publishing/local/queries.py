"""Reads about the sections of districts and bureaus."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from gonghui.accounts.models import User
from gonghui.kit.names import unit_pinyin
from gonghui.publishing.models import Article, Download, LocalSection
from gonghui.publishing.rules import LOCAL_KINDS
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

MAX_LISTED = 200
"""Districts and bureaus on one page; a city has some dozens."""


@dataclass(frozen=True)
class Line:
    """A district or bureau as the city sees it, with its section if it ever had one."""

    union: Union
    local: LocalSection | None
    editors: int
    articles: int
    """Public now, or while its section was open."""


def possible() -> QuerySet[Union]:
    """Returns the districts and bureaus that a section may be opened to."""
    return Union.objects.filter(kind__in=LOCAL_KINDS).standing()


def lines(unions: Sequence[Union]) -> list[Line]:
    """Returns what the city's list shows of each, the open sections first: three statements, however many there are."""
    found = {local.union_id: local for local in LocalSection.objects.filter(union__in=unions)}
    accounts = User.objects.administrators().filter(union__in=unions).order_by()
    editors = dict(accounts.values_list("union").annotate(count=Count("pk")))
    public = Article.objects.published().filter(local__in=[local.pk for local in found.values()]).order_by()
    articles = dict(public.values_list("local").annotate(count=Count("pk")))
    shown = [
        Line(union, local := found.get(union.pk), editors.get(union.pk, 0), articles.get(local.pk, 0) if local else 0)
        for union in unions
    ]
    return sorted(shown, key=lambda line: not (line.local and line.local.is_open))


def proposed_slug(union: Union) -> str:
    """Returns an address for its section by the reading of its area: yangpu, jidian."""
    area = union.area.removesuffix("新区") if len(union.area) > 3 else union.area
    area = area.removesuffix("区") if len(area) > 2 else area
    return "".join(re.findall(r"(?:^| )([a-z]+)", unit_pinyin(area)))[:30]


def any_open() -> bool:
    """Whether the public pages have a place for districts and bureaus at all."""
    return LocalSection.objects.filter(is_open=True).exists()


def open_sections() -> list[tuple[str, list[LocalSection]]]:
    """Returns the open sections of the districts, then those of the bureaus, each by name."""
    rows = LocalSection.objects.select_related("union").filter(is_open=True).order_by("union__code", "pk")
    found = list(rows[:MAX_LISTED])
    kinds = {UnionKind.DISTRICT: "区总工会", UnionKind.BUREAU: "产业局工会"}
    groups = [(label, [one for one in found if one.union.kind == kind]) for kind, label in kinds.items()]
    return [(label, group) for label, group in groups if group]


@dataclass(frozen=True)
class Contents:
    """What the public would no longer see, or see again."""

    articles: int
    scheduled: int
    files: int


def contents(local: LocalSection) -> Contents:
    articles = Article.objects.filter(local=local)
    return Contents(
        articles.published().count(),
        articles.shown_as("scheduled").count(),
        Download.objects.filter(local=local, withdrawn=False, versions__published_at__isnull=False).distinct().count(),
    )


def unfinished(union: Union, successor: Union | None) -> Iterator[str]:
    """For ``superiors.hooks.unfinished``: a closed union edits nothing, so the city decides about its section first."""
    if LocalSection.objects.filter(union=union, is_open=True).exists():
        yield "它的门户栏目还没有关闭（门户管理—区局栏目）"
