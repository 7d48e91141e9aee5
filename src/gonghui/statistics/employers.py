"""建会率: how many of the statistical register's employers have a union, counted once, when a day is closed (SPEC 5.3, ADR 61).

The register keeps no past. So a day is counted while it is near, from the register as it stands, and its count is kept
apart from the figures, with a digest of its own: 「更正后」 has no other.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from hashlib import sha256

from django.db.models import Count, Q, Sum
from django.utils.timezone import localdate

from gonghui.policies.queries import of_city
from gonghui.statistics.models import Basis, Closing, EmployerCount
from gonghui.unions.models import ORGANISED, RegisteredEmployer, Union

Numbers = tuple[int, int]
LABELS = ("应建会单位", "已建会单位")


def count_employers(closing: Closing) -> None:
    """Counts the employers of a closing that has none, by street; in the caller's transaction."""
    least = of_city("organised_from")
    known = RegisteredEmployer.objects.filter(staff_count__gte=least).organising()
    counted = (
        known.order_by()
        .values_list("street", "street__superior")
        .annotate(Count("pk"), organised=Count("pk", filter=ORGANISED))
    )
    EmployerCount.objects.bulk_create(
        EmployerCount(closing=closing, street_id=street, superior_id=superior, known=number, organised=organised)
        for street, superior, number, organised in counted
    )
    closing.organised_from = least
    closing.employers_digest = digest(closing)
    closing.save(update_fields=["organised_from", "employers_digest"])


def numbers(closing: Closing) -> dict[int | None, Numbers]:
    """Known and organised ones of each street; None: of places that are not known."""
    rows = EmployerCount.objects.filter(closing=closing).values_list("street", "known", "organised")
    return {street: (known, organised) for street, known, organised in rows}


def digest(closing: Closing) -> bytes | None:
    """Of what was counted; None where nothing was."""
    rows = EmployerCount.objects.filter(closing=closing).order_by("street")
    told = [closing.organised_from, *rows.values_list("street", "superior", "known", "organised")]
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
    own = {1: Q(), 2: Q(superior=node), 3: Q(street=node)}[node.level]
    below = "superior" if node.level == 1 else "street"
    rows = EmployerCount.objects.filter(own, closing=counted).order_by().values_list(below)
    found: dict[int | None, Numbers] = {
        pk: (known, organised) for pk, known, organised in rows.annotate(Sum("known"), Sum("organised"))
    }
    known, organised = (sum(one[place] for one in found.values()) for place in (0, 1))
    return {**found, node.pk: (known, organised)}
