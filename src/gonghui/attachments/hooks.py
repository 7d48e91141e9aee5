"""Hooks by which apps above extend attachments (docs/architecture.md lists them)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Q

from gonghui.accounts.models import User
from gonghui.kit.hooks import Registry
from gonghui.reviews import hooks as reviews
from gonghui.reviews.kinds import ReviewKind
from gonghui.reviews.scans import Scans


@dataclass(frozen=True)
class RequestsWithBundles:
    """One sort of requests, as two conditions on a bundle, ``OuterRef("pk")``.

    ``visible``: the user sees its request. ``closed``: it has a request, and no request that was open at that time.
    """

    visible: Callable[[User], Exists | Q]
    closed: Callable[[datetime], Exists | Q]


REQUESTS: Registry[RequestsWithBundles] = Registry()
"""By the name of the model that has the key to a bundle."""


@dataclass(frozen=True)
class PlainKind:
    """A kind of request that takes scans and is no review: what `attachments` asks a ``ReviewKind`` for."""

    label: str
    scans: Scans
    may_attach: Callable[[str, User], bool]
    """Whether the user may collect scans for a request about this."""


PLAIN_KINDS: Registry[PlainKind] = Registry()
"""By the code that stands in ``Bundle.kind``; no code of a ReviewKind."""


def kind_of(code: str) -> ReviewKind | PlainKind | None:
    """The kind of request with this code, a review or none."""
    return reviews.KINDS.get(code) or PLAIN_KINDS.get(code)


def scans_of(code: str) -> Scans:
    """Which scans this kind of request takes."""
    kind = kind_of(code)
    return kind.scans if kind else Scans()
