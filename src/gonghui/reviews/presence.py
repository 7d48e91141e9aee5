"""Who looks at a request right now, so that two reviewers do not work on the same one (SPEC 5.1). Forgotten after two minutes."""

from collections.abc import Iterable

from django.core.cache import cache

from gonghui.accounts.models import User
from gonghui.reviews.models import Review

SECONDS = 120
"""An open page says so again more often than that."""


def _key(review_id: int) -> str:
    return f"review-presence-{review_id}"


def arrive(review: Review, user: User) -> list[str]:
    """Say that ``user`` looks at the review; the names of the other reviewers who do."""
    present: dict[int, str] = cache.get(_key(review.pk), {}) | {user.pk: str(user)}
    cache.set(_key(review.pk), present, SECONDS)
    return [name for pk, name in present.items() if pk != user.pk]


def present(review_ids: Iterable[int], user: User) -> dict[int, str]:
    """Of the reviews that others look at: their names in one text. One read of the cache for all."""
    keys = {_key(pk): pk for pk in review_ids}
    found = cache.get_many(keys)
    others = {keys[key]: "、".join(name for pk, name in names.items() if pk != user.pk) for key, names in found.items()}
    return {pk: names for pk, names in others.items() if names}
