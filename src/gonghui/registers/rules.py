"""Who may load and look at the registers (SPEC 5.4): the city's platform administrators; whose 「未建会名单」 is (SPEC 5.3)."""

from gonghui.accounts.models import Role, User


def can_load_registers(user: User) -> bool:
    return user.is_active and user.is_platform_admin


def can_see_unorganised(user: User) -> bool:
    """Every account of a superior union, for what is located below it."""
    return user.is_active and user.union is not None and not user.union.is_grassroots


def can_mark_employers(user: User) -> bool:
    """管理员 and 审核人 of a superior union, and the city's platform administrators; 查看人 only read."""
    acting = user.has_role(Role.ADMIN) or user.has_role(Role.REVIEWER) or user.is_platform_admin
    return can_see_unorganised(user) and acting
