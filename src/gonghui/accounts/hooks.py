"""What apps above add to accounts (docs/architecture.md says who does)."""

from collections.abc import Collection

from gonghui.accounts.models import User
from gonghui.kit.hooks import Hook, given, merged

on_email_proved = Hook[[User], str | None, list[str]](given)
"""What waited until the user's e-mail is proved, in the transaction of the proof: an address that somebody merely typed
sets nothing going (SPEC 1.2). What the user shall know of it.
"""

on_handover = Hook[[User, User], None, list[None]](list)
"""Gives the new account what goes along when the old one is handed over (SPEC 1.4), inside the transaction."""

undelivered = Hook[[Collection[str]], dict[str, str], dict[str, str]](merged)
"""A sentence for each of the addresses whose newest mail did not arrive."""
