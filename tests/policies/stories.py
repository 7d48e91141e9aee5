"""Columns that the city collects, as its administrator would set it."""

from datetime import date
from typing import Any

from django.utils.timezone import localdate

from gonghui.policies.columns import actions
from gonghui.policies.hooks import SUBJECTS
from gonghui.policies.models import ColumnPolicy


def collecting(cast: Any, subject: str = "member", since: date | None = None, **wanted: str) -> ColumnPolicy:
    """In force from ``since`` (default: today); without ``wanted`` every column, optional."""
    wanted = wanted or dict.fromkeys(SUBJECTS[subject].by_name, "optional")
    policy = actions.draft(subject, wanted, since or localdate(), by=cast.platform_admin)
    actions.count(policy.pk)
    return actions.confirm(policy.pk, by=cast.platform_admin)
