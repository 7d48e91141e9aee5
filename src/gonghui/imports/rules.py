"""Who may import: the officers of a grassroots union, for their own union only (SPEC 1.4, 3.4)."""

from gonghui.accounts.models import Role, User
from gonghui.unions.models import Union


def can_see_imports(user: User) -> bool:
    """The pages of imports exist for officers of grassroots unions; to anybody else they are not there."""
    return user.is_active and user.union is not None and user.union.is_grassroots and user.has_role(Role.OFFICER)


def can_import(user: User, union: Union) -> bool:
    """Upload, take the valid rows, give up: an officer, for his or her own union."""
    return can_see_imports(user) and user.union_id == union.pk
