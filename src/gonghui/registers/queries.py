"""What a register holds, and what is found in it: bounded, by index."""

from collections.abc import Iterable
from typing import NamedTuple

from django.core.cache import cache
from django.db.models.lookups import StartsWith

from gonghui.codelists.queries import label
from gonghui.kit.documents import DOCUMENT_CHECKS, Invalid, check_document, check_unit_code, mask_number
from gonghui.kit.names import name_key, unit_key
from gonghui.members.models import Member, MemberQuerySet
from gonghui.members.validation import document_key
from gonghui.registers.models import Register
from gonghui.unions.codes import EconomicType, Industry
from gonghui.unions.keys import key_of_name
from gonghui.unions.models import RegisteredEmployer
from gonghui.unions.queries import holding

FOUND = 50
"""The search lists so many; whoever finds more says more of the name."""
COUNT_SECONDS = 60
COUNT = "registers.count.{}"


def rows_in(register: Register) -> int:
    """How many rows it has, a minute old at most. Of the member register those without a union."""
    rows = RegisteredEmployer.objects.all() if register == Register.EMPLOYERS else Member.objects.filter(union=None)
    return cache.get_or_set(COUNT.format(register), rows.count, COUNT_SECONDS) or 0


class Found(NamedTuple):
    """A row that was found, as the page shows it."""

    name: str
    code: str
    facts: str
    place: str
    member: int | None = None


def search(register: Register, text: str) -> list[Found]:
    """At most FOUND + 1 rows by a part of the name or a whole code; of people also by number or document."""
    return _employers(text) if register == Register.EMPLOYERS else _people(text)


def _code(text: str) -> str:
    try:
        return check_unit_code(text)
    except Invalid:
        return ""


def _employers(text: str) -> list[Found]:
    rows = RegisteredEmployer.objects.select_related("street__superior")
    if code := _code(text):
        found: Iterable[RegisteredEmployer] = rows.filter(code=code)
    else:
        key = unit_key(text)
        begins = StartsWith(key_of_name(), key)
        first = list(rows.filter(begins).order_by(key_of_name(), "pk")[: FOUND + 1])
        found = [*first, *holding(rows, key).exclude(begins)[: FOUND + 1 - len(first)]]
    return [
        Found(
            one.name,
            one.code,
            "，".join(
                filter(
                    None,
                    (
                        label(EconomicType, one.economic_type),
                        label(Industry, one.industry),
                        "" if one.staff_count is None else f"职工 {one.staff_count:,} 人",
                    ),
                )
            ),
            one.street.path if one.street else "",
        )
        for one in found
    ]


def _people(text: str) -> list[Found]:
    found = (
        _matching(text)
        .filter(union=None, alias_of=None)
        .only("name", "number", "unit_code", "seal_id", "document_sealed")
    )
    return [
        Found(one.name, one.unit_code, mask_number(one.document_number), one.number, one.pk)
        for one in found[: FOUND + 1]
    ]


def _matching(text: str) -> MemberQuerySet:
    people: MemberQuerySet = Member.objects.all()
    if text.isdecimal() and len(text) == 10:
        return people.filter(number=text)
    if code := _code(text):
        return people.filter(unit_code=code).order_by("id")
    keys = []
    for kind in DOCUMENT_CHECKS:
        try:
            document = check_document(kind, text)
        except Invalid:
            continue
        keys.append(document_key(document.doc_type, document.number))
    by_document = people.filter(document_hash__in=keys)
    return by_document if keys and by_document.exists() else holding(people, name_key(text))
