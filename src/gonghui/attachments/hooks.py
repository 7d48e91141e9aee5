"""What apps above add to attachments (docs/architecture.md says who does)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Q

from gonghui.accounts.models import User
from gonghui.kit.hooks import Registry


@dataclass(frozen=True)
class RequestsWithBundles:
    """Requests of one sort. Each is a condition on a bundle, ``OuterRef("pk")``: that it is of a request that the user
    sees; that it is of one, and of none that was still open then.
    """

    visible: Callable[[User], Exists | Q]
    closed: Callable[[datetime], Exists | Q]


REQUESTS: Registry[RequestsWithBundles] = Registry()
"""By what keys to a bundle."""
