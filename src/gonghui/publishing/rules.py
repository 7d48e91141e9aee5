"""Who writes, publishes and sets up what is public (SPEC 1.5)."""

from gonghui.accounts.models import Role, User
from gonghui.publishing.models import Article, DownloadVersion, Revision, Site
from gonghui.unions.levels import UnionKind


def can_edit(user: User) -> bool:
    """Administrators of the city federation."""
    city = user.union is not None and user.union.kind == UnionKind.CITY
    return user.is_active and city and (user.has_role(Role.ADMIN) or user.is_platform_admin)


def can_publish(user: User, article: Article, site: Site) -> bool:
    """An editor; where the city asks for a second person, one who wrote nothing of what would become public.

    The text must then have been submitted, so that what is read is what is published.
    """
    if not can_edit(user):
        return False
    if not site.second_person:
        return True
    return article.submitted_at is not None and not wrote(user, article)


def can_publish_version(user: User, version: DownloadVersion, site: Site) -> bool:
    """An editor; where the city asks for a second person, another one than has uploaded the file."""
    return can_edit(user) and not (site.second_person and version.added_by_id == user.pk)


def can_set_up(user: User) -> bool:
    """The city's platform administrators."""
    return user.is_active and user.is_platform_admin


def wrote(user: User, article: Article) -> bool:
    """Whether ``user`` saved any revision since the one that the public reads."""
    since = article.live.number if article.live else 0
    return Revision.objects.filter(article=article, number__gt=since, saved_by=user).exists()
