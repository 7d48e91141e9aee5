"""Columns that the city collects and rules that it sets, as its administrator would."""

from datetime import date
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.policies.actions import Change, set_policy
from gonghui.policies.columns import actions
from gonghui.policies.hooks import SUBJECTS
from gonghui.policies.models import ColumnPolicy


def collecting(cast: Any, subject: str = "member", since: date | None = None, **wanted: str) -> ColumnPolicy:
    """In force from ``since`` (default: today); without ``wanted`` every column, optional."""
    wanted = wanted or dict.fromkeys(SUBJECTS[subject].by_name, "optional")
    policy = actions.draft(subject, wanted, since or localdate(), by=cast.platform_admin)
    actions.count(policy.pk)
    return actions.confirm(policy.pk, by=cast.platform_admin)


def ruled(cast: Any, who: str = "platform_admin", **values: Any) -> list[Change]:
    """The rules that an administrator of the cast sets for the own union."""
    by = getattr(cast, who)
    return set_policy(by.union, values, by=by)


def bind(user: User) -> None:
    """Gives the account a second factor."""
    TOTP.activate(user, generate_totp_secret())
