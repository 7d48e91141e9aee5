"""Who lays down the table of a year, who fills in and signs a sheet, who sends one back."""

from gonghui.accounts.models import Role, User
from gonghui.reviews.rules import can_review
from gonghui.unions.models import UnionState
from gonghui.yearbooks.models import Sheet


def can_see_yearbooks(user: User) -> bool:
    """Every account of a superior union."""
    return user.is_active and user.union is not None and not user.union.is_grassroots


def can_see_sheet(user: User, sheet: Sheet) -> bool:
    return can_see_yearbooks(user) and Sheet.objects.visible_to(user).filter(pk=sheet.pk).exists()


def can_define(user: User) -> bool:
    """An administrator of the city."""
    of_city = can_see_yearbooks(user) and user.union is not None and user.union.level == 1
    return of_city and (user.has_role(Role.ADMIN) or user.is_platform_admin)


def signs_for(user: User, union: int | None) -> bool:
    """An administrator or a reviewer of this superior union, or a reviewer's cover today."""
    own = can_see_yearbooks(user) and user.union_id == union
    return own and (user.has_role(Role.ADMIN) or can_review(user))


def signing_union(sheet: Sheet) -> int:
    """The sheet's own union; of one that has been closed, that of the sheet above."""
    if sheet.above is None or sheet.node.state != UnionState.DISSOLVED:
        return sheet.node_id
    return signing_union(sheet.above)


def can_sign(user: User, sheet: Sheet) -> bool:
    return signs_for(user, signing_union(sheet))


def can_send_back(user: User, sheet: Sheet) -> bool:
    """Whoever may sign the sheet above."""
    return sheet.above is not None and can_sign(user, sheet.above)
