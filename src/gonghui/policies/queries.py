"""What holds: the city's value, or its default, or a stricter one of the district or bureau. Nothing else reads a policy.

A change holds at the next statement that asks, in every process: nothing is kept between requests.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db.models import Q, Subquery, Value
from django.db.models.functions import Coalesce

from gonghui.policies.fields import FIELDS, PolicyField
from gonghui.policies.models import Policy
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union


def in_force(name: str, unions: Collection[int]) -> dict[int, int]:
    """Returns the effective number ``name`` (of FIELDS) for each union, by two statements."""
    rows = list(Policy.objects.exclude(**{name: None}).values_list("union", "union__kind", name))
    by_city = next((number for _, kind, number in rows if kind == UnionKind.CITY), None)
    stricter = {union: number for union, kind, number in rows if kind != UnionKind.CITY}
    start = FIELDS[name].holds(by_city)
    paths = Union.objects.filter(pk__in=unions).values_list("pk", "level2", "level3")
    return {path[0]: min([start, *(stricter[union] for union in path if union in stricter)]) for path in paths}


def of_union(name: str, union: Union) -> int:
    """As `in_force` for one union, by one statement."""
    path = [pk for pk in (union.pk, union.level2_id, union.level3_id) if pk]
    rows = Policy.objects.filter(Q(union__kind=UnionKind.CITY) | Q(union__in=path)).exclude(**{name: None})
    found = dict(rows.values_list("union__kind", name))
    start = FIELDS[name].holds(found.pop(UnionKind.CITY, None))
    return min([start, *found.values()])


def of_city(name: str) -> Any:
    """What holds in the whole city, by one statement: for what only the city sets."""
    return FIELDS[name].holds(set_by_city().values_list(name, flat=True).first())


def in_statement(name: str) -> Coalesce:
    """As `of_city` for a number, as part of another statement."""
    return Coalesce(Subquery(set_by_city().values(name)), Value(FIELDS[name].default()))


def set_by_city() -> Any:
    """The city's row, for the statements that read it."""
    return Policy.objects.filter(union__kind=UnionKind.CITY)


PRESET = "平台的预设"
"""Above the city."""


class Standing(NamedTuple):
    """One field as a union's page shows it. ``own`` is None when the union has set no value."""

    field: PolicyField
    above: Any
    above_name: str
    own: Any
    holds: Any

    @property
    def above_text(self) -> str:
        return self.field.text(self.above)

    @property
    def own_text(self) -> str:
        return self.field.text(self.own)

    @property
    def holds_text(self) -> str:
        return self.field.text(self.holds)

    @property
    def is_demanded(self) -> bool:
        """By the operator: nobody may say otherwise."""
        return getattr(self.field, "is_demanded", False)


def standings(union: Union, policy: Policy | None) -> dict[str, Standing]:
    """Returns all fields of a superior union, by one statement. ``union`` should be loaded with those above."""
    above = list(Policy.objects.filter(union__in=_path(union)[1:]))
    return {name: _standing(field, union, policy, above) for name, field in FIELDS.items()}


def _standing(field: PolicyField, union: Union, policy: Policy | None, above: Collection[Policy]) -> Standing:
    own = getattr(policy, field.name) if policy else None
    path = _path(union)
    if union.superior is None:
        return Standing(field, field.default(), PRESET, own, field.holds(own))
    held = field.holds(next((getattr(row, field.name) for row in above if row.union_id == path[-1].pk), None))
    numbers = [getattr(row, field.name) for row in above if row.union_id != path[-1].pk] if field.below else []
    held = min([held, *(number for number in numbers if number is not None)])
    decider = union.superior if field.below else path[-1]
    return Standing(field, held, decider.name, own, held if own is None else min(held, own))


def _path(union: Union) -> list[Union]:
    """The union and all above it, the city last."""
    return [union, *(_path(union.superior) if union.superior else ())]
