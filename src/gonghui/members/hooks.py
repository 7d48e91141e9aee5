"""What apps above add to members; none of them has to know the other (docs/architecture.md says who does)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gonghui.accounts.models import User
from gonghui.kit.hooks import Hook, given, merged
from gonghui.unions.models import Union


@dataclass(frozen=True)
class Banner:
    """What is asked (a sentence), a remark beside it, and the button that leads there."""

    text: str
    remark: str
    button: str
    url: str


banners = Hook[[User], Banner | None, list[Banner]](given)
"""What the officers of the user's union should see over their list now: their annual inspection, for some weeks."""

# Given members' ids: those whom it concerns, each with the reason as a sentence without its full stop.

leave_blockers = Hook[[Sequence[int]], Mapping[int, str], dict[int, str]](merged)
"""Who may not leave the union now: a card in the making keeps its member (SPEC 3.7)."""

pending_departures = Hook[[Sequence[int]], Mapping[int, str], dict[int, str]](merged)
"""Who is about to leave the union: no card is made for a union that the member leaves (SPEC 4.2)."""

frozen_for_card = Hook[[Sequence[int]], Mapping[int, str], dict[int, str]](merged)
"""Whose name, document and birth date may not change now: a card in the making shows them."""

on_membership_end = Hook[[Sequence[int]], None, list[None]](list)
"""Ends what ends with a membership (a correction under review …), before the members with these ids move."""

request_members = Hook[[Union, Sequence[int], User], int, int](sum)
"""Ask the unions of these members for them, for the union, by the officer: in the one transaction of the import, which
holds the union's row. For how many was asked.
"""
