"""The days that an approved union has to keep (SPEC 2.7): when the platform reminds of them, and what they are called."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, DateField, F, Func, Q, Value
from django.db.models.expressions import Combinable

from gonghui.policies.queries import in_statement, of_city
from gonghui.unions.models import Union, UnionQuerySet, UnionState


@dataclass(frozen=True)
class Deadline:
    """One such day. ``column``: of ``Union``, where it stands. ``rule``: the city's number of days before it (a name of
    ``policies.fields``) from which it is listed as near, as ``soon_label``, and on which the officers are reminded
    first; ``later``: the days on which they are reminded again, falling.
    """

    code: str
    label: str
    column: str
    heading: str
    rule: str
    later: tuple[int, ...]
    soon_label: str
    advice: str

    @property
    def overdue_label(self) -> str:
        return f"{self.label}逾期"

    @property
    def task_kind(self) -> str:
        """The kind of the notices that ask for it."""
        return f"filing.{self.code}"

    def task_of(self, union_id: int | None) -> str:
        """What such a notice asks for, until the union has another day (``notices.actions.settle``)."""
        return f"{self.code}:{union_id}"

    def day_of(self, union: Union) -> date | None:
        return getattr(union, self.column)

    def overdue(self, today: date) -> Q:
        """The day has passed."""
        return Q(**{f"{self.column}__lt": today})

    def near(self, today: date) -> Q:
        """The day is not far."""
        return Q(**{f"{self.column}__gte": today}) & self.until_near(today)

    def until_near(self, today: date) -> Q:
        """The day is not far, or has passed."""
        return Q(**{f"{self.column}__lte": _moved(Value(today), "+", self.rule)})

    @property
    def near_from(self) -> Func:
        """The day from which it is near."""
        return _moved(F(self.column), "-", self.rule)

    def stages(self) -> list[int]:
        """The days before it on which the officers are reminded, falling; by one statement."""
        first = of_city(self.rule)
        return [first, *(days for days in self.later if days < first)]

    def spans(self, today: date) -> Iterator[tuple[int, Q]]:
        """Each stage with the condition that a union has reached it and not the next one."""
        stages = self.stages()
        for days, after in zip(stages, (*stages[1:], -1), strict=True):
            first, last = today + timedelta(days=after + 1), today + timedelta(days=days)
            yield days, Q(**{f"{self.column}__range": (first, last)})

    def words(self, day: date, today: date) -> str:
        """Returns 「换届日期 2027-05-01，还有 90 天」."""
        left = (day - today).days
        how = f"还有 {left} 天" if left > 0 else "就是今天" if left == 0 else f"已过 {-left} 天"
        return f"{self.heading} {day}，{how}"


def _moved(day: Combinable, sign: str, rule: str) -> Func:
    """A day plus or minus the city's number of days, inside the statement that asks: it holds at once, wherever."""
    return Func(
        day, in_statement(rule), template="(%(expressions)s)", arg_joiner=f" {sign} ", output_field=DateField()
    )  # fmt: skip


REELECTION = Deadline(
    code="reelection",
    label="换届",
    column="reelection_on",
    heading="换届日期",
    rule="reelection_days",
    later=(90, 30),
    soon_label="临近换届",
    advice="换届选举之后，请在「组织管理」点「修改」，填写新的换届日期和工会负责人，提交上级工会审核。",
)
CERTIFICATE = Deadline(
    code="certificate",
    label="证书",
    column="certificate_valid_until",
    heading="法人证书有效期至",
    rule="certificate_days",
    later=(30,),
    soon_label="证书临近到期",
    advice="请向上级工会换领工会法人资格证书，换领之后在「组织管理」点「修改」，填写新证书的有效期，提交上级工会审核。",
)
DEADLINES: dict[str, Deadline] = {deadline.code: deadline for deadline in (REELECTION, CERTIFICATE)}
"""By the code that is stored with each reminder."""


def bound(node: Union) -> UnionQuerySet:
    """The unions below ``node`` (a grassroots union: itself) that have to keep such days."""
    return Union.objects.grassroots().filter(state=UnionState.APPROVED).below(node)


def overdue_by_street(deadline: Deadline, day: date) -> Iterator[tuple[int, int, int, int]]:
    """How many unions have such a day, and of how many it has passed: of each union of level 3 its id, its superior's, both
    numbers.
    """
    known = Union.objects.grassroots().filter(state=UnionState.APPROVED).exclude(**{deadline.column: None})
    counted = known.order_by().values_list("level3", "level2")
    yield from counted.annotate(Count("pk"), overdue=Count("pk", filter=deadline.overdue(day)))


def chosen(rows: Any, choice: str, today: date) -> Any:
    """Those of the unions that ``choice``, a key of ``choices``, is about."""
    code, _, which = choice.partition("-")
    deadline = DEADLINES[code]
    return rows.filter(deadline.overdue(today) if which == "overdue" else deadline.near(today))


def choices() -> dict[str, str]:
    """What lists of unions offer: 换届逾期, 临近换届 and so on."""
    return {
        f"{deadline.code}-{which}": label
        for deadline in DEADLINES.values()
        for which, label in (("overdue", deadline.overdue_label), ("soon", deadline.soon_label))
    }
