"""Who may see the figures."""

from gonghui.accounts.models import User


def can_see_figures(user: User) -> bool:
    """Every account of a superior union, for its own union and what is below it."""
    return user.is_active and user.union is not None and not user.union.is_grassroots
