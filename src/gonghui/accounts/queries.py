"""Queries of accounts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef

from gonghui.accounts.hooks import undelivered
from gonghui.accounts.models import User, UserQuerySet
from gonghui.audit.models import Entry
from gonghui.unions.levels import UnionKind


def managed_accounts(user: User) -> UserQuerySet:
    """Returns the accounts of ``user``'s union and the administrators directly below.

    The officers below are listed with their union (`views.officers`), because there are hundreds of them.
    """
    return User.objects.visible_to(user).exclude(union__kind=UnionKind.GRASSROOTS).select_related("union")


def colleagues(user: User) -> UserQuerySet:
    """Returns the other active accounts of the user's union, ordered by name."""
    return User.objects.filter(union=user.union_id, is_active=True).exclude(pk=user.pk).order_by("name", "pk")


def mark_undelivered(users: Sequence[Any]) -> None:
    """Sets each account's ``undelivered``: a sentence if its mail does not arrive, else empty. One query for all."""
    sentences = undelivered([user.email for user in users])
    for user in users:
        user.undelivered = sentences.get(user.email, "")


def previous_visit(user: User) -> datetime | None:
    """Returns the time of the user's last act before this sign-in, by the index of the audit; None at the first visit."""
    if user.last_login is None:
        return None
    before = Entry.objects.filter(actor=user, at__lt=user.last_login - timedelta(minutes=1))
    return before.order_by("-at", "-id").values_list("at", flat=True).first()


def has_second_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def superiors_without_second_factor() -> UserQuerySet:
    """Returns the active accounts of superior unions that have none."""
    bound = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    superiors = User.objects.filter(is_active=True, union__isnull=False).exclude(union__kind=UnionKind.GRASSROOTS)
    without: UserQuerySet = superiors.exclude(Exists(bound))
    return without
