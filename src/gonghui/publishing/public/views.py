"""What everybody reads: sections, articles, search, feeds, previews. No page needs a sign-in."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gonghui.kit.paging import paginate
from gonghui.publishing.articles.preview import DAYS, revision_of
from gonghui.publishing.articles.search import MAX_QUERY, found
from gonghui.publishing.html import shown
from gonghui.publishing.local.queries import open_sections
from gonghui.publishing.models import Article, ArticleState, FormerSlug, LocalSection, Revision, Section, Shown
from gonghui.publishing.queries import listed, pictures_of, pinned, public_downloads

NEWEST = ("-published_at", "-id")


@login_not_required
@require_GET
def section(request: HttpRequest, section: str) -> HttpResponse:
    """A section: the pinned articles above the first page, the others by time. 区局动态 has those of all districts and
    bureaus, none above the others, and leads to the section of each.
    """
    rows = listed().filter(section=section)
    if section == Section.LOCAL:
        page = paginate(request, rows, order=NEWEST, size=20)
        context = {"section": Section.LOCAL, "page": page, "groups": open_sections()}
        return render(request, "publishing/public_all_local.html", context)
    page = paginate(request, rows.filter(pin=None), order=NEWEST, size=20)
    context = {"section": Section(section), "page": page, "pinned": pinned(rows) if page.number == 1 else []}
    return render(request, "publishing/public_section.html", context)


@login_not_required
@require_GET
def local(request: HttpRequest, local: str) -> HttpResponse:
    """The section of a district or bureau, with its files; closed, it says so (410)."""
    found = get_object_or_404(LocalSection.objects.select_related("union"), slug=local)
    if not found.is_open:
        return _closed(request)
    rows = listed().filter(local=found)
    page = paginate(request, rows.filter(pin=None), order=NEWEST, size=20)
    first = page.number == 1
    context = {
        "section": Section.LOCAL,
        "local": found,
        "page": page,
        "pinned": pinned(rows) if first else [],
        "files": public_downloads(found) if first else [],
    }
    return render(request, "publishing/public_local.html", context)


@login_not_required
@require_GET
def article(request: HttpRequest, slug: str, section: str = "", local: str = "") -> HttpResponse:
    """An article. One that was withdrawn says so (410), one that has moved leads on (301), a draft is not there."""
    rows = Article.objects.select_related("live__cover", "local__union").defer("search", "terms")
    one = rows.filter(slug=slug).first()
    if one is None:
        former = FormerSlug.objects.filter(slug=slug).first()
        if former is None:
            raise Http404
        one = rows.get(pk=former.article_id)
    if one.state == ArticleState.DRAFT or one.shown == Shown.SCHEDULED or one.live is None:
        raise Http404
    if one.get_absolute_url() != request.path:
        return HttpResponsePermanentRedirect(one.get_absolute_url())
    if one.is_hidden:
        return _closed(request)
    if one.shown == Shown.WITHDRAWN:
        context = {"section": Section(one.section), "local": one.local}
        return render(request, "publishing/public_withdrawn.html", context, status=410)
    context = _context_of(one, one.live) | {"published_at": one.published_at}
    return render(request, "publishing/public_article.html", context)


@login_not_required
@never_cache
@require_GET
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """One revision, for whoever has the link, within a week."""
    revision = revision_of(token)
    if revision is None:
        return render(request, "publishing/public_expired.html", {"days": DAYS}, status=410)
    if revision.article.is_hidden:
        return _closed(request)
    published_at = revision.article.published_at or timezone.now()
    context = _context_of(revision.article, revision) | {"published_at": published_at, "is_preview": True}
    response = render(request, "publishing/public_article.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


@login_not_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Articles that contain every word, the newest first."""
    query = " ".join(request.GET.get("q", "")[:MAX_QUERY].split())
    page = paginate(request, found(listed(), query), order=NEWEST, size=20)
    return render(request, "publishing/public_search.html", {"query": query, "page": page, "most": MAX_QUERY})


def _context_of(article: Article, revision: Revision) -> dict[str, Any]:
    return {
        "section": Section(article.section),
        "local": article.local,
        "article": article,
        "revision": revision,
        "body": shown(revision.body, pictures_of(revision.body)),
    }


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "publishing/public_closed.html", {"section": Section.LOCAL}, status=410)
