"""Queries of policies: the effective values of each union."""

from collections.abc import Collection
from typing import NamedTuple

from gonghui.policies.fields import FIELDS, PolicyField
from gonghui.policies.models import Policy
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union


def in_force(name: str, unions: Collection[int]) -> dict[int, int]:
    """Returns the effective value of ``name`` (of FIELDS) for each union, by two statements.

    It is the city's value, or the installation's default if the city has none, or a smaller one of the district or
    bureau.
    """
    decided, city = _decided(name)
    start = city or FIELDS[name].default()
    rows = Union.objects.filter(pk__in=unions).values_list("pk", "level2", "level3")
    return {path[0]: min([start, *(decided[union] for union in path if union in decided)]) for path in rows}


def _decided(name: str) -> tuple[dict[int, int], int | None]:
    """Returns the values of districts and bureaus by union id (few enough to load all), and the city's value."""
    rows = list(Policy.objects.exclude(**{name: None}).values_list("union", "union__kind", name))
    city = next((number for _, kind, number in rows if kind == UnionKind.CITY), None)
    return {union: number for union, kind, number in rows if kind != UnionKind.CITY}, city


class Standing(NamedTuple):
    """One field as a union's page shows it. ``own`` is None when the union has set no value."""

    field: PolicyField
    above: int
    above_name: str
    own: int | None
    holds: int


def standings(union: Union, policy: Policy | None) -> list[Standing]:
    """Returns all fields of a superior union. ``union.superior`` should be loaded (``select_related``)."""
    return [
        Standing(
            field=field,
            above=above(union, name),
            above_name=union.superior.name if union.superior else "平台的预设",
            own=getattr(policy, name) if policy else None,
            holds=in_force(name, [union.pk])[union.pk],
        )
        for name, field in FIELDS.items()
    ]


def above(union: Union, name: str) -> int:
    """Returns the effective value that the union would have without its own one."""
    if union.superior_id is None:
        return FIELDS[name].default()
    return in_force(name, [union.superior_id])[union.superior_id]
