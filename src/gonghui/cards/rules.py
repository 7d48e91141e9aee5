"""Who may do what with cards. ``visible_to`` of batches, cards and orders selects the rows that a user sees."""

from gonghui.accounts.models import User
from gonghui.cards.models import Batch
from gonghui.members.rules import can_add_members
from gonghui.reviews.models import ReviewState
from gonghui.reviews.rules import can_decide
from gonghui.unions.models import Union, UnionState


def can_see_cards(user: User) -> bool:
    """Allows every account of an approved grassroots union or of a superior; viewers only read."""
    return user.is_active and user.union is not None and user.union.state == UnionState.APPROVED


def can_apply(user: User, union: Union) -> bool:
    """Allows officers of an approved grassroots union to apply, report a loss and hand out, for their own union."""
    return can_add_members(user, union)


def can_work_on(user: User, batch: Batch) -> bool:
    """As `can_apply`, for a batch of the own union."""
    return user.union is not None and user.union_id == batch.union_id and can_apply(user, user.union)


def can_refuse_members(user: User, batch: Batch) -> bool:
    """Allows users who can decide on the batch to refuse single members of it, while it waits (SPEC 4.4)."""
    if batch.review is None or batch.review.state != ReviewState.PENDING:
        return False
    return any(can_decide(user, step) for step in batch.review.steps.filter(open=True, superior=user.union_id))


def can_run_desk(user: User) -> bool:
    """Allows the city's platform administrators (SPEC 5.4)."""
    return user.is_active and user.is_platform_admin


def can_see_ledger(user: User) -> bool:
    """Allows superiors to see the month's figures and overdue batches of all unions below."""
    return can_see_cards(user) and user.union is not None and not user.union.is_grassroots
