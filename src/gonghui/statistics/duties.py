"""What unions have to do by a day: to confirm in the year's inspections, to elect anew, to renew a certificate (SPEC 5.3).

Counted once, when a day is closed, from the unions as they stand: the past does not know which they were. So a day is
counted while it is near, as the employers are (`employers`), and 「更正后」 has the count of 「当时口径」.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from django.db.models import Q, Sum

from gonghui.filings.deadlines import DEADLINES, Deadline, overdue_by_street
from gonghui.inspections.models import Subject
from gonghui.inspections.queries import confirmed_by_street
from gonghui.statistics.employers import is_near
from gonghui.statistics.models import Basis, Closing, DutyCount
from gonghui.unions.models import Union

Numbers = tuple[int, int]
Street = tuple[int, int, int, int]
"""A union of level 3, its superior, of how many unions, how many of them."""


@dataclass(frozen=True)
class Duty:
    """``list_of``: what narrows the list of unions to those that have not done it, or are late."""

    key: str
    name: str
    rate: str
    counted: str
    of: str
    list_of: str

    @property
    def label(self) -> str:
        """组织年检完成率."""
        return f"{self.name}{self.rate}"

    @property
    def labels(self) -> tuple[str, str]:
        """组织年检已确认工会, 组织年检应确认工会."""
        return f"{self.name}{self.counted}", f"{self.name}{self.of}"


def _inspected(subject: Subject) -> Duty:
    open_ = f"inspection={subject}-unconfirmed"
    return Duty(f"inspected-{subject}", str(subject.label), "完成率", "已确认工会", "应确认工会", open_)


def _kept(deadline: Deadline) -> Duty:
    return Duty(deadline.code, deadline.label, "逾期率", "逾期工会", "有日期的工会", f"due={deadline.code}-overdue")


_INSPECTIONS = {subject: _inspected(subject) for subject in Subject}
_DATES = {deadline: _kept(deadline) for deadline in DEADLINES.values()}
DUTIES: Mapping[str, Duty] = {duty.key: duty for duty in (*_INSPECTIONS.values(), *_DATES.values())}


def count_duties(closing: Closing) -> None:
    """Counts a closing that has no count, by street; in the caller's transaction."""
    for subject, duty in _INSPECTIONS.items():
        _keep(closing, duty, confirmed_by_street(subject, closing.day))
    for deadline, duty in _DATES.items():
        _keep(closing, duty, overdue_by_street(deadline, closing.day))
    closing.duties_digest = digest(closing)
    closing.save(update_fields=["duties_digest"])


def _keep(closing: Closing, duty: Duty, rows: Iterable[Street]) -> None:
    DutyCount.objects.bulk_create(
        DutyCount(closing=closing, street_id=street, superior_id=superior, duty=duty.key, of=of, counted=counted)
        for street, superior, of, counted in rows
    )


def digest(closing: Closing) -> bytes:
    """Of what was counted."""
    rows = DutyCount.objects.filter(closing=closing).order_by("duty", "street")
    return sha256(repr([*rows.values_list("duty", "street", "superior", "of", "counted")]).encode()).digest()


def wrong_with(closing: Closing) -> Iterator[str]:
    told = closing.duties_digest
    if (told is None and closing.duties.exists()) or (told is not None and digest(closing) != bytes(told)):
        yield "its unions' duties are not those that were counted"


def count_again(closing: Closing) -> None:
    """Instead of what is wrong; nothing where the day is too long ago."""
    DutyCount.objects.filter(closing=closing).delete()
    closing.duties_digest = None
    closing.save(update_fields=["duties_digest"])
    if is_near(closing):
        count_duties(closing)


def numbers(closing: Closing) -> dict[tuple[int, str], Numbers]:
    """Those that are counted and all, of each street and duty."""
    rows = DutyCount.objects.filter(closing=closing).values_list("street", "duty", "counted", "of")
    return {(street, duty): (counted, of) for street, duty, counted, of in rows}


def of_nodes(closing: Closing, node: Union) -> Mapping[int, Mapping[str, Numbers]]:
    """Of a superior union, and of each superior union directly below it: by duty those that are counted, and all; by one
    statement. Nothing where the day was not counted.
    """
    own = {1: Q(), 2: Q(superior=node), 3: Q(street=node)}[node.level]
    below = "superior" if node.level == 1 else "street"
    rows = DutyCount.objects.filter(own, closing__day=closing.day, closing__basis=Basis.THEN).order_by()
    found: dict[int, dict[str, Numbers]] = {node.pk: {}}
    for pk, duty, counted, of in rows.values_list(below, "duty").annotate(Sum("counted"), Sum("of")):
        found.setdefault(pk, {})[duty] = (counted, of)
        if pk != node.pk:
            before = found[node.pk].get(duty, (0, 0))
            found[node.pk][duty] = (before[0] + counted, before[1] + of)
    return found
