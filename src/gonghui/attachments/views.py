"""Uploads while a form is filled in (requests of static/attachments.js), and downloads."""

from csp.decorators import csp_update
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request
from gonghui.attachments import actions
from gonghui.attachments.models import Attachment, FileType
from gonghui.attachments.pages import NO_FILE, TOO_LARGE, keep
from gonghui.attachments.queries import collected
from gonghui.attachments.rules import can_attach
from gonghui.kit.errors import Refused
from gonghui.kit.uploads import too_large

MEDIA_TYPES = {FileType.PDF: "application/pdf", FileType.JPEG: "image/jpeg", FileType.PNG: "image/png"}


@never_cache
@require_POST
def add(request: Request) -> HttpResponse:
    """Attaches the chosen or dropped files; returns the list and the errors."""
    kind, about = request.POST.get("kind", ""), request.POST.get("about", "")
    if too_large(request):
        return HttpResponse(TOO_LARGE, content_type="text/plain", status=422)  # the fields after the file are lost
    if not can_attach(request.user, kind, about):
        raise Http404
    files = request.FILES.getlist("attachment")
    problems = [] if files else [NO_FILE]
    problems += keep(request, kind, about, request.POST.get("scan", ""), files)
    return _list(request, kind, about, problems)


@never_cache
@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    """Removes an attachment that is not submitted yet; returns the list."""
    attachment = _visible(request, pk)
    bundle = attachment.bundle
    try:
        actions.detach(attachment, by=request.user)
    except Refused as refused:
        return _list(request, bundle.kind, bundle.about, [refused.sentence])
    return _list(request, bundle.kind, bundle.about, [])


@never_cache
@csp_update({"sandbox": True})  # type: ignore[arg-type] # its hints know no view with more than the request
@require_GET
def download(request: Request, pk: int) -> HttpResponse:
    """Sends the scan as a download, never inline; records the disclosure."""
    attachment = _visible(request, pk)
    content = actions.download(attachment, by=request.user)
    response = HttpResponse(content, content_type=MEDIA_TYPES[FileType(attachment.type)])
    response["Content-Disposition"] = content_disposition_header(True, attachment.name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _visible(request: Request, pk: int) -> Attachment:
    rows = Attachment.objects.visible_to(request.user).select_related("bundle__union")
    return get_object_or_404(rows, pk=pk)


def _list(request: Request, kind: str, about: str, problems: list[str]) -> HttpResponse:
    context = {"attachments": collected(request.user, kind, about), "problems": problems}
    return render(request, "attachments/list.html", context, status=422 if problems else 200)
