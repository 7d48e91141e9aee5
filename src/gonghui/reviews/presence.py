"""Which reviewers have a request open, so that two do not work on the same one (SPEC 5.1). Kept for two minutes."""

from collections.abc import Iterable

from django.core.cache import cache

from gonghui.accounts.models import User
from gonghui.reviews.models import Review

SECONDS = 120
"""Seconds. An open page renews its entry more often."""


def _key(review_id: int) -> str:
    return f"review-presence-{review_id}"


def arrive(review: Review, user: User) -> list[str]:
    """Records that ``user`` has the review open. Returns the names of the other reviewers who have."""
    present: dict[int, str] = cache.get(_key(review.pk), {}) | {user.pk: str(user)}
    cache.set(_key(review.pk), present, SECONDS)
    return [name for pk, name in present.items() if pk != user.pk]


def present(review_ids: Iterable[int], user: User) -> dict[int, str]:
    """Returns, by review, the names of the other reviewers who have it open. Reads the cache once."""
    keys = {_key(pk): pk for pk in review_ids}
    found = cache.get_many(keys)
    others = {keys[key]: "、".join(name for pk, name in names.items() if pk != user.pk) for key, names in found.items()}
    return {pk: names for pk, names in others.items() if names}
