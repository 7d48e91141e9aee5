"""Queries of attachments."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from gonghui.accounts.models import User
from gonghui.attachments.hooks import RequestsWithBundles, kind_of
from gonghui.attachments.models import Attachment, Bundle, Kept
from gonghui.reviews.hooks import Section
from gonghui.reviews.kinds import ReviewKind
from gonghui.reviews.models import Review, ReviewState


def drafts(user: User, kind: str, about: str) -> QuerySet[Bundle]:
    """Returns the user's draft for this request: one bundle or none."""
    return Bundle.objects.filter(submitted_at=None, made_by=user, union=user.union_id, kind=kind, about=about)


def listed(bundles: QuerySet[Bundle]) -> Sequence[Attachment]:
    """Returns the attachments of the bundles, oldest first. ``is_kept`` marks those of an earlier round."""
    kept = Q(pk__in=Kept.objects.filter(bundle__in=bundles).values("attachment"))
    rows = Attachment.objects.light().filter(Q(bundle__in=bundles) | kept)
    return list(rows.annotate(is_kept=ExpressionWrapper(kept, BooleanField())).select_related("sent_by").order_by("pk"))


def of_last_round(user: User, kind: str, about: str, *, before: Review | None = None) -> Sequence[Attachment]:
    """Returns the attachments of the last round (``before`` this one), if it was refused or withdrawn.

    The next round submits them again. What is no review has no rounds.
    """
    found = kind_of(kind)
    if not user.union or not isinstance(found, ReviewKind) or not found.scans.kinds:
        return []
    rounds = found.rounds(about, user.union)
    last = (rounds.exclude(pk=before.pk) if before else rounds).order_by("-pk").first()
    if last is None or last.state not in {ReviewState.REFUSED, ReviewState.WITHDRAWN}:
        return []
    scans = [scan for scan in listed(Bundle.objects.filter(review=last)) if not scan.removed_at]
    for scan in scans:
        scan.is_kept = True  # type: ignore[attr-defined] # as `listed` annotates
    return scans


def collected(user: User, kind: str, about: str) -> Sequence[Attachment]:
    """Returns the attachments of an unsubmitted request: the draft's, or without a draft the last round's."""
    bundles = drafts(user, kind, about)
    return listed(bundles) or ([] if bundles.exists() else of_last_round(user, kind, about))


def of_review(review: Review, user: User) -> Section | None:
    """Returns the section with the attachments of a review, for ``reviews.hooks.sections``."""
    return section(Bundle.objects.filter(review=review), again=review.round > 1)


def section(bundles: QuerySet[Bundle], *, again: bool = False) -> Section | None:
    """Returns the section of a page that lists the attachments; None if there are none.

    In a later round (``again``, or some are kept) it marks the new ones.
    """
    scans = listed(bundles)
    again = again or any(scan.is_kept for scan in scans)  # type: ignore[attr-defined]
    return Section("attachments/section.html", {"attachments": scans, "again": again}) if scans else None


def _of_reviews(reviews: QuerySet[Review]) -> Exists:
    return Exists(reviews.filter(attachments=OuterRef("pk")))


def _closed(before: datetime) -> Exists:
    return _of_reviews(Review.objects.filter(closed_at__lt=before))


REVIEWS = RequestsWithBundles(visible=lambda user: _of_reviews(Review.objects.visible_to(user)), closed=_closed)
