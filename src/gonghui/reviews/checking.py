"""Stores the number of doubts of the automatic checks per pending request, so that the desk can count and filter.

A job checks a request once it is submitted, and all that wait again every day, since the register goes on. Whoever
decides is shown the checks as they are at that moment, and a bulk approval asks them again.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from gonghui.kit.jobs import defer
from gonghui.reviews.kinds import checks_of, prepare
from gonghui.reviews.models import Review, ReviewState

MAX_AT_ONCE = 500
CHECKED_AGAIN = timedelta(days=1)


def check_later(review_ids: Sequence[int]) -> None:
    """Queues the checks of these, to run after the caller's transaction: by then their subjects are written."""
    from gonghui.reviews.tasks import check

    for start in range(0, len(review_ids), MAX_AT_ONCE):
        defer(check, review_ids=list(review_ids[start : start + MAX_AT_ONCE]))


def check(review_ids: Sequence[int]) -> None:
    """Counts and stores the doubts of those that are still pending."""
    reviews = list(Review.objects.filter(pk__in=review_ids, state=ReviewState.PENDING).select_related("union"))
    known = prepare(reviews)
    for review in reviews:
        review.doubts = sum(check.level != "ok" for check in checks_of(review, known))
        review.checked_at = timezone.now()
    Review.objects.bulk_update(reviews, ["doubts", "checked_at"])


def unchecked() -> list[int]:
    """Returns the pending reviews never checked, or not for a day; the longest unchecked first."""
    waiting = Review.objects.filter(state=ReviewState.PENDING).order_by("checked_at")
    due = waiting.filter(checked_at=None) | waiting.filter(checked_at__lt=timezone.now() - CHECKED_AGAIN)
    return list(due.values_list("pk", flat=True)[:MAX_AT_ONCE])
