"""Which columns of the national form the city collects of unions now, and which unions lack them (SPEC 2.7)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q

from gonghui.policies.columns.queries import requirements
from gonghui.policies.hooks import Column, Gap, Subject
from gonghui.policies.models import Requirement
from gonghui.unions.codes import Established
from gonghui.unions.hooks import Condition
from gonghui.unions.models import Person, Union, UnionQuerySet, UnionState
from gonghui.unions.national import FIELDS, Field, with_details

SUBJECT = "union"


@dataclass(frozen=True)
class Collected:
    """The columns of the national form that the city asks for; the manual's are always asked for."""

    requirements: Mapping[str, Requirement]

    @cached_property
    def fields(self) -> list[Field]:
        """In the order of FIELDS, each body followed by its date."""
        return with_details(self.requirements)

    @cached_property
    def names(self) -> list[str]:
        return [field.name for field in self.fields]

    @cached_property
    def required(self) -> list[Field]:
        """What every new filing must have; and of a body that there is, its date."""
        return with_details(name for name, value in self.requirements.items() if value == Requirement.REQUIRED)


MANUAL = Collected({})
"""Nothing more than the manual's form."""


def collected() -> Collected:
    """What is collected today, by one statement."""
    return Collected({name: value for name, value in requirements(SUBJECT).items() if name in FIELDS})


def is_missing(field: Field, values: Mapping[str, Any]) -> bool:
    """Whether values (of the model, packed or typed) lack a field; a date is not missing where there is no body."""
    if field.detail_of and values.get(field.detail_of) != Established.YES:
        return False
    return values.get(field.name) in ("", None)


def missing(fields: Collection[Field]) -> Q:
    """The condition that a union lacks one of the fields: `is_missing` as SQL."""
    condition = Q(pk__in=[])
    for field in fields:
        empty = Q(**{f"{field.path}__isnull": True}) if field.nothing is None else Q(**{field.path: ""})
        condition |= empty & Q(**{field.detail_of: Established.YES}) if field.detail_of else empty
    return condition


def missing_in(union: Union) -> list[Field]:
    """The required fields that a union lacks."""
    required = collected().required
    values = {field.name: getattr(union.employer if field.of_employer else union, field.name) for field in required}
    return [field for field in required if is_missing(field, values)]


def incomplete(unions: UnionQuerySet) -> UnionQuerySet:
    """Those of the unions that are approved and lack a required field."""
    return unions.grassroots().filter(missing(collected().required), state=UnionState.APPROVED)


def gaps(names: Collection[str]) -> dict[str, Gap]:
    """For ``policies.hooks.Subject``: how many approved unions lack each of the columns; one statement."""
    conditions = {name: missing(with_details([name])) for name in names}
    conditions["any_of_them"] = missing(with_details(names))
    approved = Union.objects.grassroots().filter(state=UnionState.APPROVED)
    counts = approved.aggregate(
        **{f"n_{name}": Count("pk", filter=condition) for name, condition in conditions.items()}
    )
    counted = {name: Gap(counts[f"n_{name}"], counts[f"n_{name}"]) for name in conditions}
    counted[""] = counted.pop("any_of_them")
    return counted


def _of_completeness(unions: UnionQuerySet, choice: str, user: Person) -> UnionQuerySet:
    return incomplete(unions)


INCOMPLETE = Condition("资料", {"missing": "缺少必填项目"}, _of_completeness)
"""For ``unions.hooks.CONDITIONS``: the search finds the unions with gaps."""

UNION = Subject(
    title="工会信息",
    unit="家工会",
    columns=[
        Column(field.name, field.label, field.group.value, requirable=field.requirable, help=field.help)
        for field in FIELDS.values()
        if not field.detail_of
    ],
    gaps=gaps,
)
