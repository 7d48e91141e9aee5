"""Who has an article open for editing, so that two do not write at once. Advisory; kept for a minute and a half."""

from django.core.cache import cache

from gonghui.accounts.models import User
from gonghui.publishing.models import Article

SECONDS = 90
"""An open page renews its entry more often."""


def arrive(article: Article, user: User) -> list[str]:
    """Records that ``user`` has it open. Returns the names of the others who have."""
    key = f"article-editing-{article.pk}"
    present: dict[int, str] = cache.get(key, {}) | {user.pk: str(user)}
    cache.set(key, present, SECONDS)
    return [name for pk, name in present.items() if pk != user.pk]


def editors_of(article: Article) -> list[str]:
    """Returns the names of all who have it open."""
    present: dict[int, str] = cache.get(f"article-editing-{article.pk}", {})
    return list(present.values())
