"""Reads of accounts."""

from typing import Any

from django.db.models import Q

from gonghui.accounts.models import User, UserQuerySet


def filtered_accounts(user: User, values: dict[str, Any]) -> UserQuerySet:
    """The accounts that ``user`` manages, narrowed by AccountFilter's values."""
    found = User.objects.visible_to(user).select_related("union")
    if words := values.get("q", "").strip():
        found = found.filter(Q(name__icontains=words) | Q(email__icontains=words))
    if state := values.get("state"):
        found = found.filter(is_active=state == "active")
    return found
