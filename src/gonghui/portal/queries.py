"""Reads of the portal."""

from gonghui.portal.models import News, NewsQuerySet
from gonghui.reviews.models import Review, Step


def newest() -> NewsQuerySet:
    """What is published: pinned first, then the newest."""
    return News.objects.published().order_by("-pinned", "-published_at", "-id")


def last_opinion(review: Review) -> Step | None:
    """The newest decided step of a review: 审批意见, 审批人, 审批时间."""
    return review.steps.exclude(decision=None).select_related("reviewer", "superior").order_by("-decided_at").first()
