"""Reads of the desk."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse

from gonghui.accounts.models import User
from gonghui.reviews.kinds import KINDS
from gonghui.reviews.models import Review, State, Step
from gonghui.unions.blockers import Blocker
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


def blocking_review(union: Union) -> Iterator[Blocker]:
    """The union's open request, for ``unions.blockers``."""
    if review := open_review(union):
        label = KINDS[review.kind].label
        yield Blocker(f"「{label}」正在等待上级工会审核", reverse("reviews:review", args=[review.pk]))
