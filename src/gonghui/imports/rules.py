"""Who may import: users that the kind allows, for their own union only (SPEC 1.4, 3.4)."""

from gonghui.accounts.models import User
from gonghui.imports.hooks import KINDS
from gonghui.imports.kinds import ImportKind
from gonghui.unions.models import Union


def can_see_imports(user: User, kind: ImportKind) -> bool:
    """The pages of a kind exist for users who may import; for others they are 404."""
    return user.is_active and user.union_id is not None and kind.can_import(user)


def can_import(user: User, union: Union, kind: ImportKind) -> bool:
    """Upload, confirm, discard: for the user's own union."""
    return can_see_imports(user, kind) and user.union_id == union.pk


def kinds_seen(user: User) -> list[str]:
    """Returns the keys of the kinds whose pages exist for the user."""
    return [key for key, kind in KINDS.items() if can_see_imports(user, kind)]
