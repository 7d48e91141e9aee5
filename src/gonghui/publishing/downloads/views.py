"""「下载」: the files of the editor's section in versions; and the files as everybody gets them."""

from csp.decorators import csp_update
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.kit.forms import refused_into
from gonghui.kit.paging import paginate
from gonghui.kit.uploads import too_large
from gonghui.publishing.downloads import actions
from gonghui.publishing.downloads.files import MEDIA_TYPES
from gonghui.publishing.downloads.forms import DownloadForm, VersionFileForm
from gonghui.publishing.models import SHOWING, Download, DownloadVersion, FileKind
from gonghui.publishing.pages import editors_section, require_editor
from gonghui.publishing.queries import with_newest
from gonghui.publishing.rules import can_edit_part, can_publish_version, can_restore, editors_of
from gonghui.publishing.site.queries import site


@require_GET
def list_downloads(request: Request) -> HttpResponse:
    """The files that the editor sees, the newest first."""
    local = editors_section(request)
    rows = Download.objects.visible_to(request.user).select_related("local__union")
    page = paginate(request, rows, order=("-id",), size=20)
    with_newest(page.rows)
    return render(request, "publishing/downloads.html", {"page": page, "local": local})


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """A title and its first file."""
    local = editors_section(request)
    form = DownloadForm(request.POST or None, request.FILES or None, too_large=too_large(request))
    if form.is_valid():
        with refused_into(form):
            download = actions.create_download(**form.cleaned_data, by=request.user)
            messages.success(request, f"已上传「{download}」。")
            return redirect("publishing:download", download.pk)
    context = {"form": form, "local": local}
    return render(request, "publishing/download_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def download(request: Request, pk: int) -> HttpResponse:
    """One file with its versions; takes another version."""
    found = _download(request, pk)
    may_edit = can_edit_part(request.user, found)
    if request.method == "POST" and not may_edit:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    form = VersionFileForm(sent, request.FILES or None, too_large=too_large(request))
    if form.is_valid():
        with refused_into(form):
            version = actions.add_version(found, form.cleaned_data["file"], by=request.user)
            public = "已发布" if version.published_at else "等待发布"
            messages.success(request, f"已上传第 {version.number} 版，{public}。")
            return redirect("publishing:download", pk)
    now_set = site()
    rows = found.versions.select_related("added_by", "published_by").defer("content").order_by("-number")
    versions = list(rows[:50])
    lines = [(one, can_publish_version(request.user, one, now_set)) for one in versions]
    context = {
        "download": found,
        "form": form,
        "lines": lines,
        "may_edit": may_edit,
        "may_switch": can_restore(request.user, found) if found.withdrawn else True,
        "waits_for_city": _waits_for_city(found, versions[0]) if versions else False,
    }
    return render(request, "publishing/download.html", context, status=422 if form.errors else 200)


@require_POST
def publish(request: Request, pk: int) -> HttpResponse:
    """Publishes a version that somebody else has uploaded."""
    require_editor(request)
    seen = Download.objects.visible_to(request.user)
    rows = DownloadVersion.objects.filter(download__in=seen).defer("content").select_related("download")
    version = get_object_or_404(rows, pk=pk)
    actions.publish_version(version, by=request.user)
    messages.success(request, f"已发布「{version.download}」第 {version.number} 版。")
    return redirect("publishing:download", version.download_id)


@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Takes a file off the public pages, or puts it back."""
    found = _download(request, pk)
    withdrawn = request.POST.get("withdrawn") == "1"
    actions.set_withdrawn(found, withdrawn, by=request.user)
    messages.success(request, f"「{found}」{'已撤下' if withdrawn else '已恢复'}。")
    return redirect("publishing:download", pk)


def _download(request: Request, pk: int) -> Download:
    require_editor(request)
    return get_object_or_404(Download.objects.visible_to(request.user).select_related("local__union"), pk=pk)


def _waits_for_city(download: Download, version: DownloadVersion) -> bool:
    """Whether nobody in its district or bureau may publish the newest version."""
    if download.local is None or version.published_at or not site().second_person:
        return False
    return not editors_of(download.local).exclude(pk=version.added_by_id).exists()


@login_not_required
@csp_update({"sandbox": True})  # type: ignore[arg-type] # its hints know no view with more than the request
@require_GET
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends the newest published version, as a file to keep, and counts it."""
    shown = Download.objects.filter(SHOWING, pk=pk, withdrawn=False)
    versions = DownloadVersion.objects.filter(download__in=shown, published_at__isnull=False)
    versions = versions.select_related("download").order_by("-number")[:1]
    version = get_object_or_404(DownloadVersion, pk__in=[one.pk for one in versions.defer("content")])
    actions.count_download(version)
    kind = FileKind(version.kind)
    response = HttpResponse(bytes(version.content), content_type=MEDIA_TYPES[kind])
    name = f"{version.download.title}.{kind}"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    return response
