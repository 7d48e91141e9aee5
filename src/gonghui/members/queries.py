"""Reads of the member list: what its filters mean, and how many rows it has."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass, fields

from django.db.models import Subquery, Sum

from gonghui.accounts.models import User
from gonghui.kit import crypto
from gonghui.kit.documents import DOCUMENT_CHECKS, Invalid, check_document
from gonghui.members.models import Member, MemberQuerySet
from gonghui.members.values import document_key
from gonghui.unions.models import Union
from gonghui.unions.queries import holding


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

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    @property
    def token(self) -> str:
        """The filters for an address."""
        return urlsafe_b64encode(crypto.seal(json.dumps(asdict(self)))).decode().rstrip("=") if self else ""

    @classmethod
    def read(cls, token: str) -> "Filters":
        """What `token` made; anything else is no filter."""
        try:
            found = json.loads(crypto.open_sealed(urlsafe_b64decode(token + "=" * (-len(token) % 4))))
            return cls(**{field.name: str(found[field.name]) for field in fields(cls)})
        except (ValueError, LookupError, TypeError):
            return cls()


def listed_members(user: User, filters: Filters, union: Union | None = None) -> MemberQuerySet:
    """The members that ``user`` sees and ``filters`` let through, of ``union`` alone if one is given."""
    rows: MemberQuerySet = Member.objects.visible_to(user)
    if union:
        rows = rows.filter(union=union)
    elif user.union is not None and user.union.level in (2, 3):
        rows = _bounded(rows, user.union)
    if filters.name:
        rows = _named(rows, filters.name, alone=union is not None or _is_grassroots(user))
    if filters.number:
        rows = rows.filter(number__startswith=filters.number)
    if filters.document:
        rows = rows.filter(document_hash__in=document_keys(filters.document))
    if filters.status:
        rows = rows.filter(status=filters.status)
    return rows


def _bounded(rows: MemberQuerySet, superior: Union) -> MemberQuerySet:
    """The same rows, told the first and last union that they may be of.

    The database walks the members by (union, id) and keeps those below ``superior``; without bounds it would walk
    all members of the city's other unions before the first or after the last of them.
    """
    below = Union.objects.filter(**{f"level{superior.level}": superior}).values("pk")
    first, last = below.order_by("pk")[:1], below.order_by("-pk")[:1]
    return rows.filter(union_id__gte=Subquery(first), union_id__lte=Subquery(last))


def _is_grassroots(user: User) -> bool:
    return user.union is not None and user.union.is_grassroots


def _named(rows: MemberQuerySet, name: str, *, alone: bool) -> MemberQuerySet:
    """Inside one union any fragment, by looking at its rows; across unions what the two indexes of names serve.

    Those find a fragment by its bigrams (two characters and more, checked again for their order), a single character
    as the beginning of a name.
    """
    if alone:
        return rows.filter(name__icontains=name)
    if len(name) == 1:
        return rows.filter(name__startswith=name)
    return holding(rows, name)


def document_keys(text: str) -> list[bytes]:
    """The hashes that a document number may have, one for each type that it could be of; none for nonsense."""
    keys = set()
    for doc_type in DOCUMENT_CHECKS:
        try:
            document = check_document(doc_type, text)
        except Invalid:
            continue
        keys.add(document_key(document.doc_type, document.number))
    return sorted(keys)


def known_total(user: User, filters: Filters, union: Union | None) -> int | None:
    """How many rows the list has, from the unions' counters; None where only counting would tell."""
    if filters:
        return None
    if union or _is_grassroots(user):
        counted = union or user.union
        return counted.member_count if counted else 0
    below = Union.objects.visible_to(user).grassroots()
    return below.aggregate(total=Sum("member_count"))["total"] or 0
