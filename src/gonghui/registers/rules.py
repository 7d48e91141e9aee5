"""Who may load and look at the registers (SPEC 5.4): the city's platform administrators."""

from gonghui.accounts.models import User


def can_load_registers(user: User) -> bool:
    return user.is_active and user.is_platform_admin
