"""Hooks by which apps above extend members without knowing each other (docs/architecture.md lists them)."""

from collections.abc import Mapping, Sequence

from gonghui.accounts.models import User
from gonghui.kit.hooks import Hook, Registry, merged
from gonghui.unions.hooks import Condition
from gonghui.unions.models import Union

# From members' ids: those concerned, each with the reason as a sentence without its full stop.

leave_blockers = Hook[[Sequence[int]], Mapping[int, str], dict[int, str]](merged)
"""Members who may not leave the union now: their card is being made (SPEC 3.7)."""

pending_departures = Hook[[Sequence[int]], Mapping[int, str], dict[int, str]](merged)
"""Members who are about to leave the union: no card is made for a union that the member leaves (SPEC 4.2)."""

frozen_for_card = Hook[[Sequence[int]], Mapping[int, str], dict[int, str]](merged)
"""Members whose name, document and birth date may not change now: a card that is being made shows them."""

on_membership_end = Hook[[Sequence[int]], None, list[None]](list)
"""Ends what ends with a membership (a correction under review …), before the members with these ids move."""

request_members = Hook[[Union, Sequence[int], User], int, int](sum)
"""Ask the unions of these members for them, for the union, by the officer: in the one transaction of the import, which
holds the union's row. For how many was asked.
"""

CONDITIONS: Registry[Condition] = Registry()
"""Of lists of members, by the filter's name (`queries.Filters`)."""
