"""Queries of the tree."""

from collections.abc import Collection
from typing import Any, NamedTuple, TypeVar

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from gonghui.kit.documents import compact
from gonghui.kit.names import grams, unit_key
from gonghui.unions.hooks import BRANCH_FIGURES
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import CoveredEmployer, Employer, Grams, Initials, Person, Union, UnionState, key_of_name

Rows = TypeVar("Rows", bound=QuerySet)

MAX_MATCHES = 50
"""Unions that one name fragment may match."""

_BELOW = {1: "level2", 2: "level3"}


def holding(rows: Rows, text: str) -> Rows:
    """The rows whose key (`key_of_name`) contains every word of ``text``, which is a key itself: first by the index of
    characters and pairs, then exactly, since a name may have the pairs in other places. None for an empty text.
    """
    words = text.split()
    pairs = [pair for word in words for pair in grams(word)]
    rows = rows.alias(key=key_of_name(), grams=Grams(F("key"))).filter(grams__contains=pairs)
    for word in words:
        if len(word) > 2:  # else the index is exact
            rows = rows.filter(key__contains=word)
    return rows if words else rows.none()


def branches(node: Union) -> list[Union]:
    """The superior unions directly below ``node`` (levels 1 and 2), each with ``unions`` and ``people`` (its approved
    grassroots unions and their members, by one query over the grassroots unions below) and each registered figure.
    """
    key = _BELOW[node.level]
    scope = {} if node.level == 1 else {"level2": node}
    rows = Union.objects.filter(kind=UnionKind.GRASSROOTS, state=UnionState.APPROVED, superior__isnull=False, **scope)
    counts = {
        row[key]: row for row in rows.values(key).annotate(unions=Count("pk"), people=Coalesce(Sum("member_count"), 0))
    }
    figures = {name: figure(node, key) for name, figure in BRANCH_FIGURES.items()}
    below = list(Union.objects.filter(superior=node).order_by("code"))
    for branch in below:
        for name, counts_by_branch in figures.items():
            setattr(branch, name, counts_by_branch.get(branch.pk, 0))
        row = counts.get(branch.pk, {"unions": 0, "people": 0})
        branch.unions, branch.people = row["unions"], row["people"]  # type: ignore[attr-defined] # for the page only
    return below


def superiors_below(user: Person) -> QuerySet[Union]:
    """The superior unions below the user's own, in the order of the tree; none for a street or a grassroots union."""
    if user.union is None or user.union.level > 2:
        return Union.objects.none()
    below = Union.objects.visible_to(user).superiors().exclude(pk=user.union.pk)
    return below.select_related("superior").order_by("code")


def matching(unions: Rows, text: str) -> Rows:
    """The unions whose name or employer's name contains ``text``, or whose 工会编号, code or covered employer's code equals it.

    The five ways are one UNION of ids, each by its index: joined by OR they would be asked of every union.
    """
    first, *others = _ways_to_match(text)
    return unions.filter(pk__in=first.union(*others))


def first_matching(unions: Rows, text: str, most: int) -> Rows:
    """As ``matching``, at most ``most`` of each way: a word that all names hold is answered as quickly as a rare one."""
    first, *others = (unions.filter(pk__in=way).values("pk")[:most] for way in _ways_to_match(text))
    return unions.filter(pk__in=first.union(*others))


def _ways_to_match(text: str) -> list[QuerySet[Any, Any]]:
    """The ids of the unions of this number, code, covered employer's code, name, and employer's name."""
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
    """Those whose initials hold ``letters``: 上海示例科技 is found by ``slkj``."""
    initials = Initials("pinyin")
    return unions.alias(initials=initials, grams=Grams(initials)).filter(
        grams__contains=grams(letters), initials__contains=letters
    )


def ids_matching(text: str) -> list[int]:
    """The ids of the unions of any state that ``text`` matches, at most MAX_MATCHES + 1."""
    return list(matching(Union.objects.order_by("pk"), text).values_list("pk", flat=True)[: MAX_MATCHES + 1])


def names_of(ids: Collection[int]) -> dict[int, str]:
    """The names of the unions by id."""
    return dict(Union.objects.filter(pk__in=ids).values_list("pk", "name"))


def named(text: str) -> Union | None:
    """The only approved grassroots union whose 工会编号, code or full name (own or employer's) is ``text``, or None."""
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
