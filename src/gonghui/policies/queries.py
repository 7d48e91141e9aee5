"""Reads of policies: what holds where, down the tree."""

from collections.abc import Collection
from typing import NamedTuple

from gonghui.policies.fields import FIELDS, PolicyField
from gonghui.policies.models import Policy
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union


def in_force(name: str, unions: Collection[int]) -> dict[int, int]:
    """What holds under ``name`` (of FIELDS) for each of these unions: two statements, however many.

    The city's number, or the installation's where it has none; a smaller one of the district or bureau.
    """
    decided, city = _decided(name)
    start = city or FIELDS[name].default()
    rows = Union.objects.filter(pk__in=unions).values_list("pk", "level2", "level3")
    return {line[0]: min([start, *(decided[one] for one in line if one in decided)]) for line in rows}


def _decided(name: str) -> tuple[dict[int, int], int | None]:
    """What unions have decided, by their ids (of levels 1 and 2, so that it may be read whole), and the city's part of it."""
    rows = list(Policy.objects.exclude(**{name: None}).values_list("union", "union__kind", name))
    city = next((number for _, kind, number in rows if kind == UnionKind.CITY), None)
    return {union: number for union, kind, number in rows if kind != UnionKind.CITY}, city


class Standing(NamedTuple):
    """One field as a union's page shows it; ``own`` is None where the union has decided nothing."""

    field: PolicyField
    above: int
    above_name: str
    own: int | None
    holds: int


def standings(union: Union, policy: Policy | None) -> list[Standing]:
    """All fields for a superior union, whose superior is read with it."""
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
    """What would hold for the union without a decision of its own."""
    if union.superior_id is None:
        return FIELDS[name].default()
    return in_force(name, [union.superior_id])[union.superior_id]
