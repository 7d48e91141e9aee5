"""Queries of the tree."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from gonghui.kit.documents import compact
from gonghui.kit.errors import Refused
from gonghui.kit.names import grams, unit_key
from gonghui.unions.hooks import BRANCH_FIGURES
from gonghui.unions.keys import Grams, Initials, key_of_name
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import CoveredEmployer, Employer, Person, Union, UnionState

Rows = TypeVar("Rows", bound=QuerySet)

MAX_MATCHES = 50
"""Maximum number of unions that one part of a name may match."""

MAX_VERSIONS = 200
"""Earlier versions of a superior union that are looked through for its former names."""

_BELOW = {1: "level2", 2: "level3"}


def holding(rows: Rows, text: str, *, by_index: bool = True) -> Rows:
    """Returns the rows whose key (`key_of_name`) contains every word of the key ``text``; none for an empty text. The
    index of characters and pairs selects first, then the exact text: a name may have the pairs in other places.

    ``by_index``: False for a text that so many rows contain that collecting them all from the index takes longer than
    reading rows until there are enough.
    """
    words = text.split()
    rows = rows.alias(key=key_of_name())
    if by_index:
        pairs = [pair for word in words for pair in grams(word)]
        rows = rows.alias(grams=Grams(F("key"))).filter(grams__contains=pairs)
    for word in words:
        if len(word) > 2 or not by_index:  # for shorter words the index is exact
            rows = rows.filter(key__contains=word)
    return rows if words else rows.none()


def branches(node: Union) -> list[Union]:
    """The superior unions directly below ``node`` (levels 1 and 2), each with ``unions`` and ``people`` (its approved
    grassroots unions, their members, ``retained`` of them, by one query over the grassroots unions below) and each registered figure.
    """
    key = _BELOW[node.level]
    scope = {} if node.level == 1 else {"level2": node}
    rows = Union.objects.filter(kind=UnionKind.GRASSROOTS, state=UnionState.APPROVED, superior__isnull=False, **scope)
    counts = {
        row[key]: row
        for row in rows.values(key).annotate(
            unions=Count("pk"), people=Coalesce(Sum("member_count"), 0), kept=Coalesce(Sum("retained_count"), 0)
        )
    }
    figures = {name: figure(node, key) for name, figure in BRANCH_FIGURES.items()}
    below = list(Union.objects.filter(superior=node).standing().order_by("code"))
    for branch in below:
        for name, counts_by_branch in figures.items():
            setattr(branch, name, counts_by_branch.get(branch.pk, 0))
        row = counts.get(branch.pk, {"unions": 0, "people": 0, "kept": 0})
        # For the page only:
        branch.unions, branch.people, branch.retained = row["unions"], row["people"], row["kept"]
    return below


def superiors_below(user: Person) -> QuerySet[Union]:
    """Returns the superior unions below the user's own that are not closed, in the order of the tree; none for a street or
    grassroots one.
    """
    if user.union is None or user.union.level > 2:
        return Union.objects.none()
    below = Union.objects.visible_to(user).superiors().standing().exclude(pk=user.union.pk)
    # A city's 344 are made for each page with such a choice: of what their paths and levels say alone.
    told = ("kind", "area", "name")
    return (
        below.select_related("superior").only(*told, *(f"superior__{name}" for name in told), "code").order_by("code")
    )


def hold_standing(unions: Collection[int]) -> None:
    """Keeps these superior unions from being closed until the caller's transaction ends. Raises Refused for a closed one.

    FOR SHARE, which Django does not write: those who submit to one superior do not wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, state FROM unions_union WHERE id = ANY(%s) ORDER BY id FOR SHARE", [sorted(unions)]
        )
        closed = [name for name, state in cursor.fetchall() if state == UnionState.DISSOLVED]
    if closed:
        raise Refused(f"{'、'.join(closed)}已撤销，不再受理申请。请刷新页面，向现在的上级工会提交。")


def former_names(union: Union) -> list[tuple[str, datetime]]:
    """曾用名: the names that a superior union had, with the time until which each was in use, the newest first."""
    names: list[tuple[str, datetime]] = []
    later = union.name
    for name, until in union.events.order_by("-pgh_id").values_list("name", "pgh_created_at")[:MAX_VERSIONS]:
        if name != later:
            names.append((name, until))
        later = name
    return names


def matching(rows: Rows, text: str, path: str = "pk") -> Rows:
    """Returns the rows whose union's name or employer's name contains ``text``, or whose 工会编号, code or covered
    employer's code equals it. ``path``: from a row to the id of its union; unions are their own.

    The five ways are one UNION of ids, each with its index: OR would check them for every union.
    """
    first, *others = _ways_to_match(text)
    return rows.filter(**{f"{path}__in": first.union(*others)})


def first_matching(rows: Rows, text: str, most: int, path: str = "pk") -> Rows:
    """As ``matching``, at most ``most`` of each way: a word that all names hold is answered as quickly as a rare one. Of
    ordered rows the first.
    """
    first, *others = (rows.filter(**{f"{path}__in": way}).values("pk")[:most] for way in _ways_to_match(text))
    return rows.filter(pk__in=first.union(*others))


def count_matching(rows: Rows, text: str, most: int, path: str = "pk") -> int:
    """How many ``matching`` finds, up to ``most``: of a wide word the unions' names alone are that many."""
    *_, by_name, _ = _ways_to_match(text)
    named = rows.filter(**{f"{path}__in": by_name}).order_by()[:most].count()
    return named if named == most else first_matching(rows.order_by(), text, most, path).count()


def _ways_to_match(text: str) -> list[QuerySet[Any, Any]]:
    """Returns the ids of the unions of this number, code, covered employer's code, name, and employer's name."""
    key, code = unit_key(text), compact(text)
    coded = Q(code=code) | Q(former_code=code) if code else Q(pk__in=[])
    return [
        Union.objects.filter(Q(number=code) if code else Q(pk__in=[])).values("pk"),
        Employer.objects.filter(coded).values("union"),
        CoveredEmployer.objects.standing().filter(Q(code=code) if code else Q(pk__in=[])).values("union"),
        holding(Union.objects.all(), key).values("pk"),
        holding(Employer.objects.all(), key).values("union"),
    ]


def abbreviated(unions: Rows, letters: str) -> Rows:
    """Returns the unions whose initials contain ``letters``: ``slkj`` finds 上海示例科技."""
    initials = Initials("pinyin")
    return unions.alias(initials=initials, grams=Grams(initials)).filter(
        grams__contains=grams(letters), initials__contains=letters
    )


def ids_matching(text: str) -> list[int]:
    """Returns the ids of the unions of any state that ``text`` matches, at most MAX_MATCHES + 1."""
    return list(matching(Union.objects.order_by("pk"), text).values_list("pk", flat=True)[: MAX_MATCHES + 1])


def names_of(ids: Collection[int]) -> dict[int, str]:
    """Returns the names of the unions by id."""
    return dict(Union.objects.filter(pk__in=ids).values_list("pk", "name"))


def named(text: str) -> Union | None:
    """Returns the only approved grassroots union with ``text`` as 工会编号, code or name (own or employer's), or None."""
    key, code = unit_key(text), compact(text)
    if not key:
        return None
    unions = Union.objects.grassroots().filter(state=UnionState.APPROVED).select_related("superior__superior")
    employers = Employer.objects.alias(key=key_of_name()).filter(Q(code=code) | Q(key=key))
    condition = Q(number=code) | Q(key=key) | Q(pk__in=employers.values("union"))
    rows = list(unions.alias(key=key_of_name()).filter(condition)[:2])
    return rows[0] if len(rows) == 1 else None


class Coverage(NamedTuple):
    """How many employers a union covers, and their staff together."""

    employers: int
    staff: int

    def __str__(self) -> str:
        return f"{self.employers} 家，职工 {self.staff} 人"


def coverage_of(union: Union) -> Coverage:
    """By one statement, or none for a union of a type that covers nobody."""
    if not union.is_covering:
        return Coverage(0, 0)
    rows = CoveredEmployer.objects.standing().filter(union=union)
    return Coverage(**rows.aggregate(employers=Count("pk"), staff=Coalesce(Sum("staff_count"), 0)))


def covered_lines(union: Union) -> list[tuple[str, str, int]]:
    """Code, name and head count of each employer that the union covers, in the order of the list."""
    rows = (
        CoveredEmployer.objects.standing().filter(union=union) if union.is_covering else CoveredEmployer.objects.none()
    )
    return list(rows.order_by("pk").values_list("code", "name", "staff_count"))
