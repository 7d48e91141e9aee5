"""Reads of accounts."""

from collections.abc import Sequence
from typing import Any

from gonghui.accounts.hooks import undelivered
from gonghui.accounts.models import User, UserQuerySet
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union


def managed_accounts(user: User) -> UserQuerySet:
    """The accounts of ``user``'s union and the administrators directly below.

    The officers below are listed with their union (`accounts_of`): there are hundreds of them.
    """
    return User.objects.visible_to(user).exclude(union__kind=UnionKind.GRASSROOTS).select_related("union")


def accounts_of(union: Union) -> UserQuerySet:
    """The accounts of a grassroots union, those who left included."""
    return User.objects.filter(union=union).select_related("union")


def colleagues(user: User) -> UserQuerySet:
    """The other active accounts of the user's union, by name."""
    return User.objects.filter(union=user.union_id, is_active=True).exclude(pk=user.pk).order_by("name", "pk")


def mark_undelivered(users: Sequence[Any]) -> None:
    """Set ``undelivered`` of each account whose mail does not arrive to a sentence, else to nothing. One query for all."""
    found = undelivered([user.email for user in users])
    for user in users:
        user.undelivered = found.get(user.email, "")
