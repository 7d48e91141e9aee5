"""建会率: how many of the statistical register's employers have a union, of each street and of each value of some dimensions,
counted once, when a day is closed (SPEC 5.3, ADR 61).

The register keeps no past. So a day is counted while it is near, from the register as it stands, and its count is kept
apart from the figures, with a digest of its own: 「更正后」 has no other.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, F, Func, IntegerField, Q, QuerySet, Sum, TextField, Value
from django.db.models.functions import Cast
from django.utils.timezone import localdate

from gonghui.policies.queries import of_city
from gonghui.statistics.dimensions import SIZES
from gonghui.statistics.models import Basis, Closing, EmployerCount
from gonghui.unions.models import ORGANISED, RegisteredEmployer, Union

Numbers = tuple[int, int]
Key = tuple[int | None, str, str]
"""A street, a dimension and its value; the last two empty for all."""
LABELS = ("应建会单位", "已建会单位")

_BAND = Func(F("staff_count"), Value([*SIZES.limits], ArrayField(IntegerField())), function="width_bucket")
DIVIDED: Mapping[str, Any] = {
    "industry": F("industry"),
    "economic_type": F("economic_type"),
    "size": Cast(_BAND, TextField()),
}
"""By which dimensions employers are counted, and how the register says the value."""


def count_employers(closing: Closing) -> None:
    """Counts the employers of a closing that has none, by street; in the caller's transaction."""
    least = of_city("organised_from")
    known = RegisteredEmployer.objects.filter(staff_count__gte=least).organising()
    for dimension, value in {"": Value(""), **DIVIDED}.items():
        counted = (
            known.order_by()
            .annotate(divided=value)
            .values_list("divided", "street", "street__superior")
            .annotate(Count("pk"), organised=Count("pk", filter=ORGANISED))
        )
        EmployerCount.objects.bulk_create(
            EmployerCount(
                closing=closing,
                street_id=street,
                superior_id=superior,
                dimension=dimension,
                value=divided,
                known=number,
                organised=organised,
            )
            for divided, street, superior, number, organised in counted
        )
    closing.organised_from = least
    closing.employers_digest = digest(closing)
    closing.save(update_fields=["organised_from", "employers_digest"])


def numbers(closing: Closing) -> dict[Key, Numbers]:
    """Known and organised ones of each street, of all and by each dimension; None: of places that are not known."""
    rows = EmployerCount.objects.filter(closing=closing)
    return {row[:3]: row[3:] for row in rows.values_list("street", "dimension", "value", "known", "organised")}


def digest(closing: Closing) -> bytes | None:
    """Of what was counted; None where nothing was. Of a day before the dimensions were counted it is what it was."""
    rows = EmployerCount.objects.filter(closing=closing)
    all_, divided = rows.filter(dimension="").order_by("street"), rows.exclude(dimension="")
    told = [
        closing.organised_from,
        *all_.values_list("street", "superior", "known", "organised"),
        *divided.order_by("dimension", "value", "street").values_list(
            "dimension", "value", "street", "superior", "known", "organised"
        ),
    ]
    return sha256(repr(told).encode()).digest() if told != [None] else None


def wrong_with(closing: Closing) -> Iterator[str]:
    told = closing.employers_digest
    if digest(closing) != (None if told is None else bytes(told)):
        yield "its employers are not those that were counted"


def count_again(closing: Closing) -> None:
    """Instead of what is wrong; nothing where the day is too long ago."""
    EmployerCount.objects.filter(closing=closing).delete()
    closing.organised_from = closing.employers_digest = None
    closing.save(update_fields=["organised_from", "employers_digest"])
    if is_near(closing):
        count_employers(closing)


def is_near(closing: Closing) -> bool:
    """Whether the register is still what it was on the day: of this month, and of the last end of a month."""
    return closing.basis == Basis.THEN and closing.day >= localdate().replace(day=1) - timedelta(days=1)


def kept(closing: Closing) -> Closing | None:
    """The closing whose count holds for the day; None where the employers were not counted."""
    then = Closing.objects.filter(day=closing.day, basis=Basis.THEN).exclude(organised_from=None)
    return then.first()


def of_nodes(counted: Closing, node: Union) -> Mapping[int | None, Numbers]:
    """Of a superior union, and of each superior union directly below it, by one statement."""
    below = "superior" if node.level == 1 else "street"
    found: dict[int | None, Numbers] = _sums(_at_or_below(counted, node).filter(dimension=""), below)
    known, organised = (sum(one[place] for one in found.values()) for place in (0, 1))
    return {**found, node.pk: (known, organised)}


def by_value(counted: Closing, node: Union, dimension: str) -> Mapping[str, Numbers]:
    """Of a superior union by the values of a dimension, by one statement; nothing where it was not counted by it."""
    return _sums(_at_or_below(counted, node).filter(dimension=dimension), "value") if dimension in DIVIDED else {}


def _at_or_below(counted: Closing, node: Union) -> QuerySet[EmployerCount]:
    own = {1: Q(), 2: Q(superior=node), 3: Q(street=node)}[node.level]
    return EmployerCount.objects.filter(own, closing=counted)


def _sums(rows: QuerySet[EmployerCount], key: str) -> dict[Any, Numbers]:
    summed = rows.order_by().values_list(key).annotate(Sum("known"), Sum("organised"))
    return {value: (known, organised) for value, known, organised in summed}
