"""Reads of the tree."""

from collections.abc import Callable, Collection
from typing import TypeVar

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from gonghui.unions.levels import Kind
from gonghui.unions.models import Bigrams, Employer, State, Union

Rows = TypeVar("Rows", bound=QuerySet)

MOST_MEANT = 50
"""Unions of one name fragment that are still an answer."""

_BELOW = {1: "level2", 2: "level3"}

Figure = Callable[[Union, str], dict[int, int]]
_FIGURES: dict[str, Figure] = {}


def figure_of_branches(name: str) -> Callable[[Figure], Figure]:
    """Decorator for the rooms above: ``figure(node, key)`` counts by the branches below ``node`` (``key``: level2 or level3)
    what only they know; the tree shows it as ``name``.
    """

    def added(figure: Figure) -> Figure:
        _FIGURES[name] = figure
        return figure

    return added


def holding(rows: Rows, text: str) -> Rows:
    """Those of ``rows`` whose ``name`` holds ``text`` (two characters or more): by the index of bigrams, then exactly,
    since a name may have the pairs in other places.
    """
    return rows.alias(bigrams=Bigrams("name")).filter(bigrams__contains=Bigrams(Value(text)), name__icontains=text)


def branches(node: Union) -> list[Union]:
    """The superior unions right below ``node`` (levels 1 and 2), each with ``unions`` and ``people``: its approved
    grassroots unions and their members, in one pass over the grassroots unions below; and with each registered figure.
    """
    key = _BELOW[node.level]
    scope = {} if node.level == 1 else {"level2": node}
    rows = Union.objects.filter(kind=Kind.GRASSROOTS, state=State.APPROVED, superior__isnull=False, **scope)
    counts = {
        row[key]: row for row in rows.values(key).annotate(unions=Count("pk"), people=Coalesce(Sum("member_count"), 0))
    }
    figures = {name: figure(node, key) for name, figure in _FIGURES.items()}
    below = list(Union.objects.filter(superior=node).order_by("code"))
    for one in below:
        for name, found in figures.items():
            setattr(one, name, found.get(one.pk, 0))
        row = counts.get(one.pk, {"unions": 0, "people": 0})
        one.unions, one.people = row["unions"], row["people"]  # type: ignore[attr-defined] # for the page only
    return below


def matching(unions: QuerySet[Union], text: str) -> QuerySet[Union]:
    """Those whose name or employer's name holds ``text``, or whose 工会编号 or code it is. At least two characters."""
    text = text.strip()
    if len(text) < 2:
        return unions.none()
    by_name = holding(Union.objects.all(), text)
    by_employer = holding(Employer.objects.all(), text)
    exact = Employer.objects.filter(Q(code=text.upper()) | Q(former_code=text.upper()))
    return unions.filter(
        Q(pk__in=by_name.values("pk"))
        | Q(pk__in=by_employer.values("union"))
        | Q(pk__in=exact.values("union"))
        | Q(number=text)
    )


def ids_matching(text: str) -> list[int]:
    """The ids of the unions of every state that ``text`` matches, MOST_MEANT and one more at most."""
    return list(matching(Union.objects.order_by("pk"), text).values_list("pk", flat=True)[: MOST_MEANT + 1])


def names_of(ids: Collection[int]) -> dict[int, str]:
    """The names of the unions, by their ids."""
    return dict(Union.objects.filter(pk__in=ids).values_list("pk", "name"))


def named(text: str) -> Union | None:
    """The one approved grassroots union whose 工会编号, code, or full name (its own or its employer's) is ``text``."""
    text = text.strip()
    found = Union.objects.filter(kind=Kind.GRASSROOTS, state=State.APPROVED).select_related("superior__superior")
    keys = Employer.objects.filter(Q(code=text.upper()) | Q(name=text)).values("union")
    rows = list(found.filter(Q(number=text) | Q(name=text) | Q(pk__in=keys))[:2]) if text else []
    return rows[0] if len(rows) == 1 else None
