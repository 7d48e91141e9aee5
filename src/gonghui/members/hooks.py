"""Hooks by which apps above extend members without an import (docs/architecture.md lists them)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import models

from gonghui.accounts.models import User
from gonghui.kit.hooks import Hook, Registry, merged
from gonghui.unions.hooks import Condition
from gonghui.unions.models import Union

# These take members' ids and return the affected ids, each with the reason as a sentence without its full stop.

leave_blockers = Hook[[Sequence[int]], Mapping[int, str], dict[int, str]](merged)
"""Members who may not leave the union now: their card is in production (SPEC 3.7)."""

pending_departures = Hook[[Sequence[int]], Mapping[int, str], dict[int, str]](merged)
"""Members who will leave the union soon: no card is made for a union that the member leaves (SPEC 4.2)."""

frozen_for_card = Hook[[Sequence[int]], Mapping[int, str], dict[int, str]](merged)
"""Members whose name, document and birth date may not change now: a card in production shows them."""

on_membership_end = Hook[[Sequence[int]], None, list[None]](list)
"""Ends records that depend on a membership (such as a pending correction), before the members with these ids move."""

on_moved = Hook[[Sequence[int], Union | None, str], None, list[None]](list)
"""Follows the members with these ids, whom the caller has locked, into the union (None: none) that they have moved to,
for a ``Membership.Reason``."""

request_members = Hook[[Union, Sequence[int], User], int, int](sum)
"""Requests the transfer of these members into the union, by the officer. Returns the number of requests.

Runs in the import's transaction, which has locked the union's row.
"""

CONDITIONS: Registry[Condition] = Registry()
"""Of lists of members, by the filter's name (`queries.Filters`)."""


def _no_clash(main: int, other: int) -> str:
    return ""


def _nothing(members: Sequence[int]) -> None:
    pass


def _none_stays(main: int) -> models.Q:
    return models.Q(pk__in=())


@dataclass(frozen=True)
class Records:
    """Rows of an app, by their column ``member``, that belong to the person: they move when two records are merged."""

    model: type[models.Model]
    clash: Callable[[int, int], str] = _no_clash
    """Why two members with these ids cannot be merged now, as a sentence without its full stop; "" if they can."""
    stays: Callable[[int], models.Q] = _none_stays
    """Which rows of the other record stay with it, since the main one (of this id) has the same."""
    moved: Callable[[Sequence[int]], None] = _nothing
    """Sets what the members with these ids have by their rows, after these have moved, or moved back."""


RECORDS: Registry[Records] = Registry()
"""What moves when two records of one person are merged (SPEC 5.6)."""
