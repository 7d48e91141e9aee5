"""Hooks by which apps above extend attachments (docs/architecture.md lists them)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Q

from gonghui.accounts.models import User
from gonghui.kit.hooks import Registry


@dataclass(frozen=True)
class RequestsWithBundles:
    """One sort of requests, as two conditions on a bundle, ``OuterRef("pk")``.

    ``visible``: the user sees its request. ``closed``: it has a request, and no request that was open at that time.
    """

    visible: Callable[[User], Exists | Q]
    closed: Callable[[datetime], Exists | Q]


REQUESTS: Registry[RequestsWithBundles] = Registry()
"""By the name of the model that has the key to a bundle."""
