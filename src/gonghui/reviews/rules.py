"""Who may decide and who may take back."""

from gonghui.accounts.models import Role, User
from gonghui.reviews.models import Review, Step


def can_decide(user: User, step: Step) -> bool:
    """A reviewer of the very union that the step belongs to (SPEC 1.4: 审核人)."""
    return user.is_active and user.union_id == step.superior_id and user.has_role(Role.REVIEWER)


def can_withdraw(user: User, review: Review) -> bool:
    """An officer of the union that asked, or the person who did.

    A claim on the union is not the union's own: its officers may not put a successor off by withdrawing it.
    """
    own = user.union_id == review.union_id == review.submitted_by.union_id and user.has_role(Role.OFFICER)
    return user.is_active and (own or user.pk == review.submitted_by_id)
