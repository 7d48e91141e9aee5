"""Who may see the figures."""

from gonghui.accounts.models import User
from gonghui.unions.models import Union


def can_see_figures(user: User) -> bool:
    """Every account of a superior union, for its own union and what is below it."""
    return user.is_active and user.union is not None and not user.union.is_grassroots


def can_see_figures_of(user: User, node: Union) -> bool:
    """Of the own union and of each superior union below it."""
    return can_see_figures(user) and Union.objects.visible_to(user).superiors().filter(pk=node.pk).exists()
