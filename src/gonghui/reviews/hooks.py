"""What apps above add to the approval engine (docs/architecture.md says who does)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gonghui.accounts.models import User
from gonghui.kit.hooks import Hook, Registry, given
from gonghui.reviews.models import Review

if TYPE_CHECKING:
    from gonghui.reviews.kinds import ReviewKind

KINDS: Registry["ReviewKind"] = Registry()
"""By code, in the order in which pages name them."""


@dataclass(frozen=True)
class Section:
    """A part of a request's page: its template, which is given ``section``, and what that shows."""

    template: str
    content: Mapping[str, Any]


sections = Hook[[Review, User], Section | None, list[Section]](given)
"""What else whoever sees the request sees on its page, below the side-by-side."""

on_submitted = Hook[[Review, str, User], None, list[None]](list)
"""What goes along with a request ``about`` something of this user's, in the transaction of the submission."""
