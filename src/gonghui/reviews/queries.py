"""Reads of the desk."""

from django.db.models import QuerySet

from gonghui.accounts.models import User
from gonghui.reviews.models import Review, State, Step
from gonghui.unions.models import Union

SHOWN_WAITING = 999


def awaited(user: User) -> QuerySet[Step]:
    """The steps that wait for the user's union, oldest first when ordered by review."""
    return Step.objects.filter(superior=user.union_id, open=True, review__state=State.PENDING)


def decided(user: User) -> QuerySet[Step]:
    """The steps that the user's union has decided; they stay visible to it whatever becomes of the subject."""
    return Step.objects.filter(superior=user.union_id, decision__isnull=False)


def waiting_count(user: User) -> int:
    """How many reviews wait for the user's union, counted up to SHOWN_WAITING + 1."""
    return awaited(user)[: SHOWN_WAITING + 1].count()


def open_review(union: Union) -> Review | None:
    """The request of the union that keeps every other one out while a superior looks at it, if there is one."""
    return Review.objects.filter(union=union, state=State.PENDING, exclusive=True).first()
