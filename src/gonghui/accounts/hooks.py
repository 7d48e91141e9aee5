"""What apps above add to accounts (list: docs/architecture.md)."""

from collections.abc import Collection

from gonghui.accounts.models import User
from gonghui.kit.hooks import Hook, given, merged

on_email_proved = Hook[[User], str | None, list[str]](given)
"""Starts what waits for the user's verified e-mail, in the transaction of the verification: an unverified address starts
nothing (SPEC 1.2). Returns a sentence for the user, if any.
"""

on_handover = Hook[[User, User], None, list[None]](list)
"""Moves what belongs to the old account to the new one on a hand-over (SPEC 1.4), inside the transaction."""

undelivered = Hook[[Collection[str]], dict[str, str], dict[str, str]](merged)
"""A sentence for each address whose newest mail did not arrive."""
