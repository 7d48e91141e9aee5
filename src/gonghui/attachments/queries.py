"""Reads of attachments."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from gonghui.accounts.models import User
from gonghui.attachments.hooks import RequestsWithBundles
from gonghui.attachments.models import Attachment, Bundle
from gonghui.reviews.hooks import Section
from gonghui.reviews.models import Review


def drafts(user: User, kind: str, about: str) -> QuerySet[Bundle]:
    """What the user has collected for a request that is not submitted yet: one bundle or none."""
    return Bundle.objects.filter(submitted_at=None, made_by=user, union=user.union_id, kind=kind, about=about)


def listed(bundles: QuerySet[Bundle]) -> Sequence[Attachment]:
    """The attachments of the bundles, in the order in which they came."""
    return list(Attachment.objects.light().filter(bundle__in=bundles).select_related("sent_by").order_by("pk"))


def of_review(review: Review, user: User) -> Section | None:
    """For ``reviews.hooks.sections``: what was attached to the request itself."""
    return section(Bundle.objects.filter(review=review))


def section(bundles: QuerySet[Bundle]) -> Section | None:
    """A part of a page that lists attachments; none where there are none."""
    found = listed(bundles)
    return Section("attachments/section.html", {"attachments": found}) if found else None


def _of_reviews(reviews: QuerySet[Review]) -> Exists:
    return Exists(reviews.filter(attachments=OuterRef("pk")))


def _closed(before: datetime) -> Exists:
    return _of_reviews(Review.objects.filter(closed_at__lt=before))


REVIEWS = RequestsWithBundles(visible=lambda user: _of_reviews(Review.objects.visible_to(user)), closed=_closed)
