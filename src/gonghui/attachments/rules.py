"""Permissions to attach scans to a request."""

from gonghui.accounts.models import Role, User
from gonghui.reviews.hooks import KINDS


def can_attach(user: User, kind: str, about: str) -> bool:
    """Whether ``user`` is an officer of a grassroots union, and this kind of request takes scans."""
    officer = user.is_active and user.union is not None and user.union.is_grassroots and user.has_role(Role.OFFICER)
    return officer and kind in KINDS and bool(KINDS[kind].scans.kinds) and KINDS[kind].may_attach(about, user)
