"""Queries of the member list: the filters, and the number of rows."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from django.core.cache import cache
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.accounts.hooks import WorkItem
from gonghui.accounts.models import Role, User
from gonghui.accounts.request import Request
from gonghui.kit.crypto import Purpose
from gonghui.kit.days import years_before
from gonghui.kit.documents import DOCUMENT_CHECKS, Invalid, check_document
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id
from gonghui.kit.names import name_key
from gonghui.kit.paging import SEARCHED, Key, Narrow
from gonghui.members.codes import Sex
from gonghui.members.collected import lacking
from gonghui.members.fields import FIELDS
from gonghui.members.hooks import CONDITIONS
from gonghui.members.models import Alias, Correction, Member, MemberQuerySet
from gonghui.members.standings import StandingState
from gonghui.members.states import CorrectionState, Status
from gonghui.members.validation import document_key
from gonghui.unions import hooks as unions
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union, UnionQuerySet
from gonghui.unions.queries import holding

NUMBER_DIGITS = 10
TOTAL_SECONDS = 60
_SEARCH = Purpose("members.queries.Filters")
COMMON = 100_000
"""So many of one name are not collected by the index of names, which takes 0.2 s for a million (`unions.queries.holding`)."""
MAX_TICKED = 2_000
"""Maximum number of members that 「全选」 ticks; the same as of one card batch."""

WALKED = 1_000
"""Maximum number of rows up to the requested page; for more, PostgreSQL reads all rows."""

TRIED, TRIED_FOR_NAMES, MAX_TRIED = 20, 2_000, 2_000
"""Of so many times the rows of a page their unions are tried first: a condition that many fulfil needs no more. A name that
is asked for so is that of more than SEARCHED people, perhaps one in a thousand. MAX_TRIED: unions.
"""


@dataclass(frozen=True)
class Filters:
    """The officer's search filters.

    Names and ID numbers must not appear in addresses, which are stored in histories and logs: the form is posted, and
    the list's address contains the filters sealed. This works in two windows at once, and with the back button.
    """

    name: str = ""
    number: str = ""
    document: str = ""
    status: str = ""
    correction: str = ""
    superior: str = ""  # the id of a superior union: those below it
    inspection: str = ""  # of the members' unions
    card: str = ""
    sex: str = ""
    age: str = ""
    standing: str = ""
    missing: str = ""  # a field of the national form that is empty; of one union's members only
    wrong: bool = False
    """The filters are unreadable or wrong: they select no rows."""

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def token(self, user: User) -> str:
        """Returns the filters for an address that only ``user`` can use."""
        if not self:
            return ""
        values = {name: getattr(self, name) for name in _SEARCHED}
        return urlsafe_b64encode(_SEARCH.seal(json.dumps(values), UUID(int=user.pk))).decode().rstrip("=")

    def address(self, request: Request) -> str:
        """Returns the request's address with these filters instead of its own, at the first page."""
        query = request.GET.copy()
        for name in ("q", "page", "near"):
            query.pop(name, None)
        if self:
            query["q"] = self.token(request.user)
        return f"{request.path}?{query.urlencode()}" if query else request.path

    @classmethod
    def read(cls, token: str, user: User) -> "Filters":
        """Reads a `token` of this user. An empty text means no filter; any other unreadable text gives WRONG."""
        if not token:
            return cls()
        try:
            stored = json.loads(_SEARCH.open(urlsafe_b64decode(token + "=" * (-len(token) % 4)), UUID(int=user.pk)))
            values = [str(stored.get(name, "")) for name in _SEARCHED]
        except (ValueError, LookupError, TypeError, AttributeError):
            return WRONG
        filters = cls(**dict(zip(_SEARCHED, values, strict=True)))  # type: ignore[arg-type] # all of them are texts
        return filters if all(getattr(filters, name) in ("", *allowed) for name, allowed in _codes().items()) else WRONG

    def without(self, name: str) -> "Filters":
        """Returns the filters without one condition."""
        return replace(self, **{name: ""})  # type: ignore[arg-type] # all of them are texts

    @property
    def of_unions(self) -> bool:
        """They choose unions, and all the members of those."""
        return bool(self) and not self.without("superior").without("inspection")

    @property
    def told(self) -> list[str]:
        """Returns the errors, as in `kit.forms.ListFilter`."""
        return ["条件有错误、不完整或已失效，请重新填写后点“查询”。"] if self.wrong else []

    errors = told

    def require(self) -> None:
        """Checks the filters before an export. Raises Refused when they are wrong."""
        if self.wrong:
            raise Refused("查询条件有错误、不完整或已失效，没有导出。请重新查询，再导出。")


WRONG = Filters(wrong=True)
_SEARCHED = (
    "name",
    "number",
    "document",
    "status",
    "standing",
    "correction",
    "superior",
    "inspection",
    "card",
    "sex",
    "age",
    "missing",
)

AGES = {
    "0-29": "29 岁以下",
    "30-39": "30 到 39 岁",
    "40-49": "40 到 49 岁",
    "50-59": "50 到 59 岁",
    "60-150": "60 岁以上",
}
"""Both ends are inclusive."""

LISTED = {standing.value: standing.label for standing in (StandingState.NORMAL, StandingState.RETAINED)}
"""Of those whose standing has ended nobody is in a union, and so in a list."""


def _codes() -> Mapping[str, Collection[str]]:
    return {
        "status": Status.values,
        "standing": LISTED,
        "correction": CorrectionState.values,
        "sex": Sex.values,
        "age": AGES,
        "missing": [name for name, field in FIELDS.items() if field.by_policy],
        "card": CONDITIONS["card"].choices,
        "inspection": unions.CONDITIONS["inspection"].choices,
    }


_EQUAL = ("status", "correction", "sex", "standing")


def listed_members(user: User, filters: Filters, union: Union | None = None) -> MemberQuerySet:
    """Returns the members visible to ``user`` that ``filters`` select, only of ``union`` if it is given."""
    rows: MemberQuerySet = Member.objects.visible_to(user)
    if filters.wrong:
        return rows.none()
    if union:
        rows = rows.filter(union=union)
    if filters.missing:
        own = union or (user.union if user.union and user.union.is_grassroots else None)
        rows = rows.filter(lacking(FIELDS[filters.missing]), union=own) if own else rows.none()
    if filters.superior or filters.inspection:
        rows = rows.filter(union__in=_chosen_unions(user, filters))
    return _of_members(rows, user, filters)


def _of_members(rows: MemberQuerySet, user: User, filters: Filters, *, read: bool = False) -> MemberQuerySet:
    """By what is the members' own; ``read``: of few unions, whose members are read without the index of names."""
    if filters.status == Status.UNATTACHED:  # nobody who is listed is; the database would look at everybody for one
        return rows.none()
    if filters.name:
        rows = holding(rows, name_key(filters.name), by_index=not (read or is_common(filters.name)))
    if filters.number:
        is_full = len(filters.number) == NUMBER_DIGITS  # for a prefix, PostgreSQL estimates a thousand rows
        number = {"number": leading(filters.number)} if is_full else {"number__startswith": filters.number}
        rows = rows.filter(**number)
    if filters.document:
        rows = rows.filter(document_hash__in=leading_keys(document_keys(filters.document)))
    rows = rows.filter(**{name: value for name in _EQUAL if (value := getattr(filters, name))})
    if filters.age:
        rows = rows.filter(born_on__range=_born(filters.age))
    return CONDITIONS["card"].narrow(rows, filters.card, user) if filters.card else rows


def is_common(name: str) -> bool:
    """Whether a name, such as a surname, is that of more than COMMON people: the planner's estimate, in half a millisecond."""
    if not name_key(name):
        return False
    plan = holding(Member.objects.only("pk"), name_key(name)).explain(format="json")
    return json.loads(plan)[0]["Plan"]["Plan Rows"] > COMMON


def leading(number: str) -> str:
    """The 会员编号 to which this one leads: that of the main record, where two were merged (SPEC 5.6)."""
    main = Alias.objects.filter(member__number=number).values_list("main__number", flat=True).first()
    return main or number


def leading_keys(keys: Sequence[bytes]) -> list[bytes]:
    """Likewise of documents."""
    mains = Alias.objects.filter(member__document_hash__in=keys).values_list("main__document_hash", flat=True)
    return [*keys, *(bytes(key) for key in mains)]


def ticked_members(user: User, ids: Sequence[int]) -> MemberQuerySet:
    """Returns the ticked members that ``user`` sees. Raises Refused for more than MAX_TICKED, and for none."""
    if len(ids) > MAX_TICKED:
        raise Refused(f"一次最多勾选 {MAX_TICKED:,} 名会员，现在是 {len(ids):,} 名。请减少勾选后再试。")
    rows: MemberQuerySet = Member.objects.visible_to(user).filter(pk__in=ids)
    if not rows.exists():
        raise Refused("勾选的会员已经不在列表中，可能刚刚转出。请刷新列表，重新勾选。")
    return rows


def _born(age: str) -> tuple[date, date]:
    """Returns the first and the last birthday of people of this age today, both inclusive."""
    youngest, oldest = map(int, age.split("-"))
    today = localdate()
    return years_before(today, oldest + 1) + timedelta(days=1), years_before(today, youngest)


def _chosen_unions(user: User, filters: Filters) -> UnionQuerySet:
    """The grassroots unions that the user sees and the filters choose; none below a superior union out of scope."""
    node = user.union
    if filters.superior:
        superiors = Union.objects.visible_to(user).superiors()
        node = superiors.filter(pk=row_id(filters.superior) or 0).exclude(kind=UnionKind.CITY).first()
    if node is None:
        return Union.objects.none()
    chosen: UnionQuerySet = Union.objects.grassroots().below(node)
    return unions.CONDITIONS["inspection"].narrow(chosen, filters.inspection, user) if filters.inspection else chosen


def nearest_unions(user: User, filters: Filters, union: Union | None, *, descending: bool = False) -> Narrow | None:
    """Limits a superior's page to the few unions that its rows can belong to; ``descending``: in their other order.

    The index of members keeps them together, and counters show how many are enough; where there are none, the nearest
    unions are tried. Without this the database walks the members of other unions, or reads every union before the page.
    """
    superior = user.union
    indexed = filters.number or filters.document or filters.correction
    if union or filters.wrong or indexed or superior is None or superior.is_grassroots:
        return None
    if superior.level == 1 and not filters:
        return None
    counted = _counted_unions(user, filters)
    tried = 1 if counted is not None else TRIED_FOR_NAMES if filters.name else TRIED
    places = _chosen_unions_counted(user, filters) if counted is None else counted

    def narrow(rows: QuerySet, key: Key | None, backward: bool, count: int) -> QuerySet:
        if count > WALKED:
            return rows
        nearest, down = places, backward != descending
        if key:
            nearest = nearest.filter(place__lte=key[0]) if down else nearest.filter(place__gte=key[0])
        nearest = nearest.order_by("-place" if down else "place")[: min((count + 1) * tried, MAX_TRIED)]
        ids = _enough(list(nearest), count * tried, key)
        # All of them are below the superior. With that condition again, or joined to their unions, the members would be
        # sorted instead of read in the order of their index.
        near = _of_members(Member.objects.filter(union_id__in=ids), user, filters, read=True).prefetch_related("union")
        return near if counted is not None or _fills(near, key, backward, count) else rows

    return narrow


def _fills(rows: QuerySet, key: Key | None, backward: bool, count: int) -> bool:
    """Whether there are so many; of the key's own union those on its other side do not count."""
    if key:
        rows = rows.exclude(union_id=key[0])
    return rows.order_by()[:count].count() == count


def _counted_unions(user: User, filters: Filters) -> QuerySet | None:
    """The unions that the rows are in (``place``), each with how many (``count``); None where only counting tells."""
    if not filters or filters.of_unions:
        return _chosen_unions_counted(user, filters)
    rest = filters.without("standing")
    if filters.standing == StandingState.RETAINED and (not rest or rest.of_unions):
        chosen = _chosen_unions(user, filters).filter(retained_count__gt=0)
        return chosen.annotate(place=F("pk"), count=F("retained_count")).values_list("place", "count")
    if filters.without("card").of_unions or not filters.without("card"):
        return CONDITIONS["card"].by_union(_chosen_unions(user, filters), filters.card)
    return None


def _chosen_unions_counted(user: User, filters: Filters) -> QuerySet:
    chosen = _chosen_unions(user, filters).filter(member_count__gt=0)
    return chosen.annotate(place=F("pk"), count=F("member_count")).values_list("place", "count")


def _enough(unions: Sequence[tuple[int, int]], count: int, key: Key | None) -> list[int]:
    """Returns the first of ``unions`` that have ``count`` members; the key's own union may have none on this side."""
    ids, members = [], 0
    for pk, counted in unions:
        if members >= count:
            break
        ids.append(pk)
        members += 0 if key and pk == key[0] else counted
    return ids


def document_keys(text: str) -> list[bytes]:
    """Returns the hashes of a document number, one for each type that it may have; none for an invalid number.

    The proven type comes first; the others find the second record of a person, which has kept its earlier key.
    """
    proven, chosen = set(), set()
    for doc_type in DOCUMENT_CHECKS:
        with suppress(Invalid):
            document = check_document(doc_type, text)
            proven.add(document_key(document.doc_type, document.number))
            chosen.add(document_key(doc_type, document.number))
    return [*sorted(proven), *sorted(chosen - proven)]


def known_total(user: User, filters: Filters, union: Union | None) -> int | None:
    """Returns the number of rows from the unions' counters; None if only counting gives it.

    The sum of the city's 200,000 counters takes longer than the page itself: city and districts cache it for a minute.
    """
    own = user.union
    if filters.wrong or (filters and (union or own is None or own.is_grassroots)):
        return None
    if union or (own and own.is_grassroots):
        return (union or own).member_count  # type: ignore[union-attr] # one of them is there
    counted = _counted_unions(user, filters)
    if counted is None:
        return None
    if own is None or own.level == 3:
        return _total(counted)
    key = f"members-below-{user.union_id}-{filters.superior}-{filters.inspection}-{filters.card}-{filters.standing}"
    return cache.get_or_set(key, partial(_total, counted), TOTAL_SECONDS)


def countable(filters: Filters, *, one_union: bool) -> int | None:
    """Up to how many rows of a list of members, or of what is theirs, are counted; None for `kit.paging`'s own."""
    return SEARCHED if filters and not one_union else None


def _total(counted: QuerySet) -> int:
    return counted.aggregate(total=Sum("count"))["total"] or 0


def work(user: User) -> Iterator[WorkItem]:
    """Yields the members whose correction the superior has returned, for ``accounts.hooks.worklist``."""
    if user.union is None or not user.union.is_grassroots:
        return
    newest = Correction.objects.filter(member=OuterRef("pk")).order_by("-pk").values("review__closed_at")[:1]
    returned = Member.objects.filter(union=user.union, correction=CorrectionState.RETURNED).order_by("pk")
    yield WorkItem(
        label="会员信息修改被退回",
        rows=returned.annotate(returned_at=Subquery(newest)),
        since=F("returned_at"),
        menu="members:list",
        url=f"{reverse('members:list')}?q={Filters(correction=CorrectionState.RETURNED).token(user)}",
        unit="人",
        button="修改",
        mine=user.has_role(Role.OFFICER),
    )
