"""What apps above add to the approval engine (list: docs/architecture.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gonghui.accounts.models import User
from gonghui.kit.hooks import Hook, Registry, given
from gonghui.reviews.models import Review

if TYPE_CHECKING:
    from gonghui.reviews.kinds import ReviewKind

KINDS: Registry["ReviewKind"] = Registry()
"""The kinds of request by code, in the order of the pages."""


@dataclass(frozen=True)
class Section:
    """A section of a request's page: its template and its context, ``section``."""

    template: str
    content: Mapping[str, Any]


sections = Hook[[Review, User], Section | None, list[Section]](given)
"""Further sections of a request's page, below the comparison, for all who see the request."""

on_submitted = Hook[[Review, str, User], None, list[None]](list)
"""Attaches the user's uploads for ``about`` to a request, in the transaction of the submission."""
