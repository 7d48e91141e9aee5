"""Reads of accounts."""

from typing import Any

from django.db.models import Q

from gonghui.accounts.models import User, UserQuerySet
from gonghui.unions.levels import Kind
from gonghui.unions.models import Union


def filtered_accounts(user: User, values: dict[str, Any]) -> UserQuerySet:
    """The accounts of ``user``'s union and the administrators directly below, narrowed by AccountFilter's values.

    The officers below are listed with their union (`officers_of`): there are hundreds of them.
    """
    found = User.objects.visible_to(user).exclude(union__kind=Kind.GRASSROOTS).select_related("union")
    if words := values.get("q", "").strip():
        found = found.filter(Q(name__icontains=words) | Q(email__icontains=words))
    if state := values.get("state"):
        found = found.filter(is_active=state == "active")
    return found


def officers_of(union: Union) -> UserQuerySet:
    """The accounts of a grassroots union, those who left included."""
    return User.objects.filter(union=union).select_related("union")


def colleagues(user: User) -> UserQuerySet:
    """The other active accounts of the user's union, by name."""
    return User.objects.filter(union=user.union_id, is_active=True).exclude(pk=user.pk).order_by("name", "pk")
