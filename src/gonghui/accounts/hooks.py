"""What apps above add to accounts (list: docs/architecture.md)."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from gonghui.accounts.models import User
from gonghui.kit.hooks import Hook, chained, given, merged

on_email_proved = Hook[[User], str | None, list[str]](given)
"""Starts the user's requests that wait for a verified e-mail (SPEC 1.2), in the transaction of the verification.
Returns a sentence for the user, if any.
"""

on_handover = Hook[[User, User], None, list[None]](list)
"""Moves the old account's rows to the new one on a hand-over (SPEC 1.4), inside the transaction."""

undelivered = Hook[[Collection[str]], dict[str, str], dict[str, str]](merged)
"""Returns a sentence for each of the addresses whose newest mail did not arrive."""


@dataclass(frozen=True)
class SignInRules:
    """What the city has decided about sessions and the second factor (SPEC 1.3, 5.4)."""

    idle_minutes: int
    session_hours: int
    superiors_need_totp: bool


@dataclass(frozen=True)
class SignInRulesSource:
    """``decided``: an expression without references to a row, so that it is read along with the account of each request;
    ``rules``: what holds by what the expression gave.
    """

    decided: Callable[[], Combinable]
    rules: Callable[[Any], SignInRules]


sign_in_rules = Hook[[], SignInRulesSource, SignInRulesSource](next)
"""The source of the rules, the only one registered: asked at each request, so that a change holds at once in every
process (``accounts.sign_in_rules``).
"""


@dataclass(frozen=True)
class Banner:
    """Shown above the list with this URL name until the row is done: ``text`` is the row's, ``button`` leads to it."""

    over: str
    text: Combinable
    button: str


@dataclass(frozen=True)
class WorkItem:
    """Rows that wait for the user's union: a line of the front page, and part of the count beside an entry of the menu.

    ``rows`` are ordered oldest first, so that the first thousand contain the oldest. ``since`` is the time at which
    each began to wait, ``due`` the last day for it, if there is one. ``menu`` is the URL name of the menu's entry.
    """

    label: str
    rows: QuerySet[Any]
    since: Combinable
    menu: str
    url: str
    due: Combinable | None = None
    unit: str = "件"
    button: str = "办理"
    mine: bool = True
    """Whether the user may do it; otherwise another user of the union or below must."""
    banner: Banner | None = None


worklist = Hook[[User], Iterable[WorkItem], list[WorkItem]](chained)
"""The worklist of the user (SPEC 1.6), in the order of the front page. The items depend only on the columns of the user
and of the union, and on the day, because they are cached (``portal.worklist``).
"""
