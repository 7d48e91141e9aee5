"""Permissions to attach scans to a request."""

from gonghui.accounts.models import Role, User
from gonghui.attachments.hooks import kind_of


def can_attach(user: User, kind: str, about: str) -> bool:
    """Whether ``user`` is an officer of a grassroots union, and this kind of request takes scans."""
    officer = user.is_active and user.union is not None and user.union.is_grassroots and user.has_role(Role.OFFICER)
    found = kind_of(kind)
    return officer and found is not None and bool(found.scans.kinds) and found.may_attach(about, user)
