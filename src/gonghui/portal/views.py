"""The public pages, the signed-in front page, and the probes."""

import sys

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe
from django.views import defaults
from django.views.decorators.http import require_GET

from gonghui.accounts.request import Request
from gonghui.imports.hooks import KINDS
from gonghui.kit.static import joined
from gonghui.portal import home as pages
from gonghui.portal import probes
from gonghui.portal.away import page_of, trouble_of
from gonghui.portal.chapters import chapters, enclosed
from gonghui.publishing.queries import public_downloads


@login_not_required
def portal(request: HttpRequest) -> HttpResponse:
    """The city's public home page (SPEC 1.1, 1.5)."""
    return render(request, "portal/portal.html", pages.public_home())


@login_not_required
def platform(request: HttpRequest) -> HttpResponse:
    """The platform's front page, with 「登录」 and 「注册」 at the top right (SPEC 1.2)."""
    return render(request, "portal/platform.html")


@login_not_required
def help_page(request: HttpRequest) -> HttpResponse:
    """Help for registration, sign-in and lost passwords."""
    return render(request, "portal/help.html")


@login_not_required
@require_GET
def downloads(request: HttpRequest) -> HttpResponse:
    """「下载专区」: the workbook templates and the manual (SPEC 1.1)."""
    return render(request, "portal/downloads.html", {"kinds": KINDS.values(), "files": public_downloads()})


@login_not_required
@require_GET
def manual(request: HttpRequest) -> HttpResponse:
    """「操作手册」: the table of contents."""
    return render(request, "portal/manual.html", {"chapters": chapters()})


@login_not_required
@require_GET
def manual_chapter(request: HttpRequest, slug: str) -> HttpResponse:
    """One chapter, with links to the previous and the next one."""
    contents = chapters()
    index = next((index for index, chapter in enumerate(contents) if chapter.slug == slug), None)
    if index is None:
        raise Http404
    before = contents[index - 1] if index else None
    after = contents[index + 1] if index + 1 < len(contents) else None
    context = {"chapters": contents, "chapter": contents[index], "before": before, "after": after}
    return render(request, "portal/manual_chapter.html", context)


@login_not_required
@require_GET
def manual_whole(request: HttpRequest) -> HttpResponse:
    """All chapters on one page, for print and search."""
    return render(request, "portal/manual_whole.html", {"chapters": chapters(together=True)})


@login_not_required
@require_GET
def manual_file(request: HttpRequest) -> HttpResponse:
    """All chapters as one file that includes pictures and style (docs/adr/0013)."""
    style = joined(settings.PACKAGE / "static" / "gonghui.css")
    context = {
        "chapters": chapters(together=True, address=enclosed),
        "style": mark_safe(f"<style>{style}</style>"),  # noqa: S308 (our own file)
    }
    response = render(request, "portal/manual_file.html", context)
    name = f"{settings.ENVIRONMENT.title}操作手册.html"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


def home(request: Request) -> HttpResponse:
    """「待我办理」 of an officer, of a street, of a district or the city (SPEC 1.6)."""
    user, union = request.user, request.user.union
    context = pages.since_last_visit(user)
    if user.is_provider:
        return redirect("bookings:roster")
    if union is None:
        return render(request, "portal/home_claim.html", context | pages.claim_home(user))
    if union.is_grassroots:
        return render(request, "portal/home_union.html", context | pages.union_home(user, union))
    if union.level == 3:
        return render(request, "portal/home_street.html", context | pages.street_home(user, union))
    return render(request, "portal/home_overview.html", context | pages.overview_home(user, union))


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; it checks nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Returns the state of each part in words, with status 503 when one is faulty.

    ``waiting`` has the seconds that the oldest job of each queue and the oldest mail wait; it does not change
    ``ready``.
    """
    findings = probes.findings()
    ready = all(finding == probes.FINE for finding in findings.values())
    body: dict[str, object] = {"ready": ready, **findings}
    if findings.get("migrations") == probes.FINE:
        body["waiting"] = {queue.what: queue.seconds for queue in probes.waiting()}
    return JsonResponse(body, status=200 if ready else 503, json_dumps_params={"ensure_ascii": False})


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for an uncaught exception: for an unreachable or slow database, or for our own faults."""
    trouble = trouble_of(sys.exception())
    if trouble is None:
        return defaults.server_error(request)
    status, headers, content = page_of(trouble, "HX-Request" in request.headers)
    return HttpResponse(content, status=status, headers=headers)
