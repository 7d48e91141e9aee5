"""Who may open the desk, decide, withdraw, and set a cover."""

from gonghui.accounts.models import Role, User
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.models import Cover, Review, Step
from gonghui.reviews.queries import cover_in_force


def can_open_desk(user: User) -> bool:
    """All users of a superior union, viewers included: to read, and to export the list."""
    return user.is_active and user.union is not None and not user.union.is_grassroots


def can_review(user: User) -> bool:
    """A reviewer (审核人), or the cover of one today (SPEC 1.4, 5.1)."""
    return can_open_desk(user) and (user.has_role(Role.REVIEWER) or cover_in_force(user) is not None)


def can_decide(user: User, step: Step) -> bool:
    """A reviewer of the union that the step belongs to."""
    return user.union_id == step.superior_id and can_review(user)


def can_withdraw(user: User, review: Review) -> bool:
    """An officer of the requesting union, or the person who submitted.

    A claim on the union is not the union's own: its officers may not put a successor off by withdrawing it.
    """
    if not KINDS[review.kind].withdrawable:
        return False
    own = user.union_id == review.union_id == review.submitted_by.union_id and user.has_role(Role.OFFICER)
    return user.is_active and (own or user.pk == review.submitted_by_id)


def can_set_cover(user: User, absent: User) -> bool:
    """A reviewer for himself or herself; an administrator of the same union for a reviewer who is already away.

    Whoever only stands in for another is no reviewer and cannot pass it on.
    """
    reviewer = absent.is_active and absent.has_role(Role.REVIEWER) and absent.union_id == user.union_id
    return can_open_desk(user) and reviewer and (user.pk == absent.pk or user.has_role(Role.ADMIN))


def can_set_covers(user: User) -> bool:
    """Whether ``can_set_cover`` is true for any reviewer: then the page offers its form."""
    return can_set_cover(user, user) or (can_open_desk(user) and user.has_role(Role.ADMIN))


def can_revoke_cover(user: User, cover: Cover) -> bool:
    """The absent reviewer, or an administrator of the same union."""
    own = cover.absent.union_id == user.union_id and (user.pk == cover.absent_id or user.has_role(Role.ADMIN))
    return can_open_desk(user) and own
