"""Which fields of a member the city collects now (SPEC 3.10): read once by each form, workbook, page, export and action."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, Sum

from gonghui.members.field import Field
from gonghui.members.fields import CORE, FIELDS
from gonghui.members.models import Member
from gonghui.members.standings import PERMISSIONS, standings_that
from gonghui.policies.columns.queries import requirements
from gonghui.policies.hooks import Column, Gap, Subject
from gonghui.policies.models import Requirement
from gonghui.unions.models import Union

SUBJECT = "member"


@dataclass(frozen=True)
class Collected:
    """The fields of the manual, and those of the national form that the city asks for."""

    requirements: Mapping[str, Requirement]

    @cached_property
    def fields(self) -> list[Field]:
        """In the order of FIELDS."""
        return [*CORE, *(FIELDS[name] for name in FIELDS if name in self.requirements)]

    @cached_property
    def names(self) -> list[str]:
        return [field.name for field in self.fields]

    @cached_property
    def required(self) -> list[Field]:
        """Of the national form, what everybody who joins must have."""
        return [field for field in self.fields if self.requirements.get(field.name) == Requirement.REQUIRED]

    def required_of(self, standing: str) -> list[Field]:
        """What a member of this standing must have: whoever has no duties need not have it (`lacking` says the same)."""
        return self.required if PERMISSIONS[standing].duties else []


MANUAL = Collected({})
"""Nothing more than the manual's fields."""


def collected() -> Collected:
    """What is collected today, by one statement."""
    return Collected({name: value for name, value in requirements(SUBJECT).items() if name in FIELDS})


def missing(values: Any, fields: Collection[Field]) -> list[Field]:
    """Returns those of ``fields`` that are empty in a member's values."""
    return [field for field in fields if getattr(values, field.name) in ("", None)]


def empty(field: Field) -> Q:
    """The condition that a member has no value of a field."""
    column = field.columns[0]
    return Q(**{column: ""}) if field.sql_type == "text" else Q(**{f"{column}__isnull": True})


def lacking(field: Field) -> Q:
    """The condition that a member has no value of a field that the city requires, and is wanted to have it."""
    return empty(field) & Q(standing__in=standings_that(duties=True))


def gaps(names: Collection[str]) -> dict[str, Gap]:
    """For ``policies.hooks.Subject``: reads the register once, grouped by union."""
    conditions = {name: lacking(FIELDS[name]) for name in names}
    conditions["any_of_them"] = Q()
    for name in names:
        conditions["any_of_them"] |= conditions[name]
    by_union = (
        Member.objects.filter(union__isnull=False)
        .order_by()
        .values("union")
        .annotate(**{f"n_{name}": Count("pk", filter=condition) for name, condition in conditions.items()})
    )
    totals = by_union.aggregate(
        **{f"rows_{name}": Sum(f"n_{name}") for name in conditions},
        **{f"unions_{name}": Count("union", filter=Q(**{f"n_{name}__gt": 0})) for name in conditions},
    )
    counted = {name: Gap(totals[f"rows_{name}"] or 0, totals[f"unions_{name}"] or 0) for name in conditions}
    counted[""] = counted.pop("any_of_them")
    return counted


def gaps_in(union: Union) -> list[tuple[Field, int]]:
    """Of one union's members: the required fields that are empty somewhere, each with the number of members."""
    required = collected().required
    counts = Member.objects.filter(union=union).aggregate(
        **{field.name: Count("pk", filter=lacking(field)) for field in required}
    )
    return [(field, counts[field.name]) for field in required if counts[field.name]]


MEMBER = Subject(
    title="会员信息",
    unit="名会员",
    columns=[
        Column(field.name, field.label, field.group.value, requirable=field.requirable, help=field.help)
        for field in FIELDS.values()
        if field.by_policy
    ],
    gaps=gaps,
)
