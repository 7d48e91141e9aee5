"""Who writes, publishes and sets up what is public (SPEC 1.5)."""

from django.db.models import Q, QuerySet

from gonghui.accounts.models import Role, User
from gonghui.publishing.models import Article, Download, DownloadVersion, LocalSection, Revision, Site
from gonghui.unions.levels import LEVEL, UnionKind

LOCAL_KINDS = [kind for kind, level in LEVEL.items() if level == 2]
"""Unions that the city may open a section to: districts and bureaus."""


def is_city_editor(user: User) -> bool:
    """Administrators of the city federation."""
    city = user.union is not None and user.union.kind == UnionKind.CITY
    return user.is_active and city and (user.has_role(Role.ADMIN) or user.is_platform_admin)


def administers_local(user: User) -> bool:
    """Administrators of districts and bureaus, to whose unions the city may open a section."""
    local = user.union is not None and user.union.kind in LOCAL_KINDS
    return user.is_active and local and user.has_role(Role.ADMIN)


def own_local(user: User) -> LocalSection | None:
    """The section that the user edits as an administrator of a district or bureau, if the city has opened one."""
    if not administers_local(user):
        return None
    return LocalSection.objects.select_related("union").filter(union=user.union, is_open=True).first()


def can_edit(user: User) -> bool:
    """Whoever writes in any section."""
    return is_city_editor(user) or own_local(user) is not None


def can_edit_section(user: User, local: LocalSection | None) -> bool:
    """The city's administrators in the city's sections; those of a district or bureau in its own, while it is open."""
    if local is None:
        return is_city_editor(user)
    return user.is_active and user.has_role(Role.ADMIN) and user.union_id == local.union_id and local.is_open


def can_edit_part(user: User, part: Article | Download) -> bool:
    """As ``can_edit_section``, of the section of an article or a download."""
    return can_edit_section(user, part.local)


def can_oversee(user: User, part: Article | Download) -> bool:
    """An editor of the section; the city's of every section: they see what is there and may withdraw it."""
    return can_edit_part(user, part) or is_city_editor(user)


def can_publish(user: User, article: Article, site: Site) -> bool:
    """An editor; where the city asks for a second person, one who wrote nothing of what would become public.

    The text must then have been submitted, so that what is read is what is published. Of a district's article the city
    decides only where it is asked.
    """
    if article.local and is_city_editor(user):
        return article.submitted_at is not None and not article.is_hidden and asks_city(article)
    if not can_edit_part(user, article) or article.withdrawn_by_city:
        return False
    if not site.second_person:
        return True
    return article.submitted_at is not None and not wrote(user, article)


def can_return(user: User, article: Article) -> bool:
    """Whoever may say no to what was submitted: the other editors, and the city where it is asked."""
    return can_edit_part(user, article) or (is_city_editor(user) and not article.is_hidden and asks_city(article))


def asks_city(article: Article) -> bool:
    """Whether the city decides on a district's article: it has withdrawn it, or nobody else there could."""
    return article.local is not None and (article.withdrawn_by_city or not second_persons(article).exists())


def second_persons(article: Article) -> QuerySet[User]:
    """The editors of the section who wrote nothing of what would become public."""
    writers = _newer(article).filter(saved_by__isnull=False).values("saved_by")
    return editors_of(article.local).exclude(pk__in=writers)


def editors_of(local: LocalSection | None) -> QuerySet[User]:
    """The accounts that edit the section: the city's own for None."""
    if local is not None:
        return User.objects.administrators().filter(union=local.union_id)
    editors = Q(roles__contains=[Role.ADMIN]) | Q(roles__contains=[Role.PLATFORM_ADMIN])
    return User.objects.filter(editors, union__kind=UnionKind.CITY, is_active=True)


def can_publish_version(user: User, version: DownloadVersion, site: Site) -> bool:
    """An editor; where the city asks for a second person, another one than has uploaded the file.

    Where a district or bureau has no other one, the city.
    """
    local = version.download.local
    if local and is_city_editor(user):
        others = editors_of(local).exclude(pk=version.added_by_id)
        return site.second_person and local.is_open and not others.exists()
    return can_edit_section(user, local) and not (site.second_person and version.added_by_id == user.pk)


def can_restore(user: User, download: Download) -> bool:
    """An editor of the section; of what the city has withdrawn, the city."""
    return is_city_editor(user) if download.withdrawn_by_city else can_edit_part(user, download)


def can_set_up(user: User) -> bool:
    """The city's platform administrators."""
    return user.is_active and user.is_platform_admin


def wrote(user: User, article: Article) -> bool:
    """Whether ``user`` saved any revision since the one that the public reads."""
    return _newer(article).filter(saved_by=user).exists()


def _newer(article: Article) -> QuerySet[Revision]:
    return Revision.objects.filter(article=article, number__gt=article.live.number if article.live else 0)
