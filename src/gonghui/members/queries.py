"""Reads of the member list: what its filters mean, and how many rows it has."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from uuid import UUID

from django.core.cache import cache
from django.db.models import QuerySet, Sum

from gonghui.accounts.models import User
from gonghui.accounts.request import Request
from gonghui.attachments.models import Attachment
from gonghui.audit.hooks import References
from gonghui.kit.crypto import Purpose
from gonghui.kit.documents import DOCUMENT_CHECKS, Invalid, check_document
from gonghui.kit.errors import Refused
from gonghui.kit.names import name_key
from gonghui.kit.paging import Key, Narrow
from gonghui.members.models import Member, MemberQuerySet, Status
from gonghui.members.validation import document_key
from gonghui.unions.models import Union
from gonghui.unions.queries import holding

NUMBER_DIGITS = 10
TOTAL_SECONDS = 60
_SEARCH = Purpose("members.queries.Filters")
WALKED = 1_000
"""Rows to the page that a typed page number asks for; a farther one is walked to through all rows."""


@dataclass(frozen=True)
class Filters:
    """What the officer searches for.

    Names and ID numbers must not stand in addresses, which land in histories and logs: the form is posted, and the
    list's address carries the filters sealed. It works in two windows at once, and with the browser's back button.
    """

    name: str = ""
    number: str = ""
    document: str = ""
    status: str = ""
    wrong: bool = False
    """What came cannot be read or is wrong: no row is let through."""

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def token(self, user: User) -> str:
        """The filters for an address; nobody but ``user`` can use it."""
        if not self:
            return ""
        values = {name: getattr(self, name) for name in _SEARCHED}
        return urlsafe_b64encode(_SEARCH.seal(json.dumps(values), UUID(int=user.pk))).decode().rstrip("=")

    def address(self, request: Request) -> str:
        """The request's address with these filters in the place of its own, from the first page on."""
        query = request.GET.copy()
        for name in ("q", "page", "near"):
            query.pop(name, None)
        if self:
            query["q"] = self.token(request.user)
        return f"{request.path}?{query.urlencode()}" if query else request.path

    @classmethod
    def read(cls, token: str, user: User) -> "Filters":
        """What `token` made for this user; anything else is a wrong filter, an empty one is none."""
        if not token:
            return cls()
        try:
            found = json.loads(_SEARCH.open(urlsafe_b64decode(token + "=" * (-len(token) % 4)), UUID(int=user.pk)))
            values = [str(found[name]) for name in _SEARCHED]
        except (ValueError, LookupError, TypeError):
            return WRONG
        name, number, document, status = values
        return cls(name, number, document, status) if status in ("", *Status.values) else WRONG

    @property
    def told(self) -> list[str]:
        """What is wrong, as a `kit.forms.ListFilter` tells it."""
        return ["条件有错误、不完整或已失效，请重新填写后点“查询”。"] if self.wrong else []

    errors = told

    def require(self) -> None:
        """For an export. Raises Refused."""
        if self.wrong:
            raise Refused("查询条件有错误、不完整或已失效，没有导出。请重新查询，再导出。")


WRONG = Filters(wrong=True)
_SEARCHED = ("name", "number", "document", "status")


def listed_members(user: User, filters: Filters, union: Union | None = None) -> MemberQuerySet:
    """The members that ``user`` sees and ``filters`` let through, of ``union`` alone if one is given."""
    rows: MemberQuerySet = Member.objects.visible_to(user)
    if filters.wrong:
        return rows.none()
    if union:
        rows = rows.filter(union=union)
    if filters.name:
        rows = holding(rows, name_key(filters.name))
    if filters.number:
        whole = len(filters.number) == NUMBER_DIGITS  # of a beginning the database expects a thousand rows
        rows = rows.filter(number=filters.number) if whole else rows.filter(number__startswith=filters.number)
    if filters.document:
        rows = rows.filter(document_hash__in=document_keys(filters.document))
    if filters.status:
        rows = rows.filter(status=filters.status)
    return rows


def nearest_unions(user: User, filters: Filters, union: Union | None) -> Narrow | None:
    """For the unfiltered list of a district or a street: the few unions that the rows of a page can be of.

    They stand side by side in the index of members, and the counters tell how many are enough. Without them the
    database walks the members of the city's other unions, or asks for every union below before the page.
    """
    superior = user.union
    if filters or union or superior is None or superior.level not in (2, 3):
        return None
    below = Union.objects.filter(**{f"level{superior.level}": superior}, member_count__gt=0)

    def narrow(rows: QuerySet, key: Key | None, backward: bool, count: int) -> QuerySet:
        if count > WALKED:
            return rows
        unions = below
        if key:
            unions = unions.filter(pk__lte=key[0]) if backward else unions.filter(pk__gte=key[0])
        found = unions.order_by("-pk" if backward else "pk").values_list("pk", "member_count")[: count + 1]
        # All of them are below the superior. Asked once more for that, or joined to their unions, the members would be
        # sorted anew instead of read in the order of their index.
        return Member.objects.filter(union_id__in=_enough(list(found), count, key)).prefetch_related("union")

    return narrow


def _enough(unions: Sequence[tuple[int, int]], count: int, key: Key | None) -> list[int]:
    """The first of ``unions`` that hold ``count`` members; of the key's own the rows may be on the other side of it."""
    ids, members = [], 0
    for pk, counted in unions:
        if members >= count:
            break
        ids.append(pk)
        members += 0 if key and pk == key[0] else counted
    return ids


def _is_grassroots(user: User) -> bool:
    return user.union is not None and user.union.is_grassroots


def document_keys(text: str) -> list[bytes]:
    """The hashes that a document number may have, one for each type that it could be of; none for nonsense.

    What the number proves comes first; the others find the second record of a person, which has kept a key of before.
    """
    proven, chosen = set(), set()
    for doc_type in DOCUMENT_CHECKS:
        with suppress(Invalid):
            document = check_document(doc_type, text)
            proven.add(document_key(document.doc_type, document.number))
            chosen.add(document_key(doc_type, document.number))
    return [*sorted(proven), *sorted(chosen - proven)]


def known_total(user: User, filters: Filters, union: Union | None) -> int | None:
    """How many rows the list has, from the unions' counters; None where only counting would tell.

    The city's 200,000 counters take longer to add up than the page beside them: the city and the districts add them up
    once a minute.
    """
    if filters:
        return None
    if union or _is_grassroots(user):
        counted = union or user.union
        return counted.member_count if counted else 0
    if user.union is None or user.union.level == 3:
        return _members_below(user)
    return cache.get_or_set(f"members-below-{user.union_id}", partial(_members_below, user), TOTAL_SECONDS)


def _members_below(user: User) -> int:
    below = Union.objects.visible_to(user).grassroots()
    return below.aggregate(total=Sum("member_count"))["total"] or 0


def audited(number: str) -> References:
    """For ``audit.hooks.references_to_member``: the member, the corrections asked for, and the workbooks that brought or changed the member."""
    for member in Member.objects.filter(number=number):
        yield "members.member", [member.pk]
        yield "reviews.review", member.corrections.values_list("review", flat=True)
        scans = Attachment.objects.filter(bundle__review__correction__member=member)
        yield "attachments.attachment", scans.values_list("pk", flat=True)
        changed = member.events.filter(pgh_context__batch__isnull=False).values_list("pgh_context__batch", flat=True)
        yield "imports.batch", {member.batch_id, *changed} - {None}
