"""What everybody reads: sections, articles, search, feeds, previews. No page needs a sign-in."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gonghui.kit.paging import paginate
from gonghui.publishing.articles.preview import DAYS, revision_of
from gonghui.publishing.articles.search import MAX_QUERY, found
from gonghui.publishing.html import shown
from gonghui.publishing.models import Article, ArticleState, FormerSlug, Section, Shown
from gonghui.publishing.queries import listed, pictures_of, pinned


@login_not_required
@require_GET
def section(request: HttpRequest, section: str) -> HttpResponse:
    """A section: the pinned articles above the first page, the others by time."""
    page = paginate(request, listed().filter(section=section, pin=None), order=("-published_at", "-id"), size=20)
    context = {
        "section": Section(section),
        "page": page,
        "pinned": pinned(section) if page.number == 1 else [],
    }
    return render(request, "publishing/public_section.html", context)


@login_not_required
@require_GET
def article(request: HttpRequest, section: str, slug: str) -> HttpResponse:
    """An article. One that was withdrawn says so (410), one that has moved leads on (301), a draft is not there."""
    rows = Article.objects.select_related("live__cover").defer("search", "terms")
    one = rows.filter(slug=slug).first()
    if one is None:
        former = FormerSlug.objects.select_related("article").filter(slug=slug).first()
        if former is None:
            raise Http404
        one = former.article
    if one.state == ArticleState.DRAFT or one.shown == Shown.SCHEDULED or one.live is None:
        raise Http404
    if (one.section, one.slug) != (section, slug):
        return HttpResponsePermanentRedirect(one.get_absolute_url())
    if one.shown == Shown.WITHDRAWN:
        return render(request, "publishing/public_withdrawn.html", {"section": Section(section)}, status=410)
    context = {
        "section": Section(section),
        "article": one,
        "revision": one.live,
        "published_at": one.published_at,
        "body": shown(one.live.body, pictures_of(one.live.body)),
    }
    return render(request, "publishing/public_article.html", context)


@login_not_required
@never_cache
@require_GET
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """One revision, for whoever has the link, within a week."""
    revision = revision_of(token)
    if revision is None:
        return render(request, "publishing/public_expired.html", {"days": DAYS}, status=410)
    context = {
        "section": Section(revision.article.section),
        "article": revision.article,
        "revision": revision,
        "published_at": revision.article.published_at or timezone.now(),
        "body": shown(revision.body, pictures_of(revision.body)),
        "is_preview": True,
    }
    response = render(request, "publishing/public_article.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


@login_not_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Articles that contain every word, the newest first."""
    query = " ".join(request.GET.get("q", "")[:MAX_QUERY].split())
    page = paginate(request, found(listed(), query), order=("-published_at", "-id"), size=20)
    return render(request, "publishing/public_search.html", {"query": query, "page": page, "most": MAX_QUERY})
