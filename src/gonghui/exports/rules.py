"""Who approves an export, who has it, and who calls it back (SPEC 5.5)."""

from typing import TYPE_CHECKING

from gonghui.accounts.models import Role, User

if TYPE_CHECKING:
    from gonghui.exports.models import Export

DECIDING = (Role.OFFICER, Role.ADMIN, Role.REVIEWER, Role.PLATFORM_ADMIN)
"""Who only looks decides nothing."""


def may_decide(user: User) -> bool:
    """Whether somebody may be the second person at all."""
    return user.is_active and user.union is not None and any(user.has_role(role) for role in DECIDING)


def can_decide(user: User, export: "Export") -> bool:
    """The second person: of the union that was asked, and never who wants the list."""
    return may_decide(user) and user.pk != export.by_id and user.union_id == export.decides_id


def can_fetch(user: User, export: "Export") -> bool:
    """Who asked for it, while he or she is still of the union for which it was made."""
    return user.is_active and user.pk == export.by_id and user.union_id == export.union_id


def can_recall(user: User, export: "Export") -> bool:
    """Who asked for it; whoever may approve, of the same union, of the one that was asked, or of one above."""
    if not user.is_active:
        return False
    if user.pk == export.by_id:
        return True
    union = export.union
    above = {union.pk, union.level3_id, union.level2_id, export.decides_id}
    return may_decide(user) and (user.union_id in above or user.union.level == 1)  # type: ignore[union-attr] # has one
