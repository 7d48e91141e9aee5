"""「区局栏目」: to whom the city has opened a section; for platform administrators."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gonghui.accounts.request import Request
from gonghui.kit.forms import refused_into
from gonghui.publishing.local.actions import close_section, open_section
from gonghui.publishing.local.forms import CloseForm, OpenForm
from gonghui.publishing.local.queries import MAX_LISTED, contents, lines, possible
from gonghui.publishing.models import LocalSection
from gonghui.publishing.rules import can_set_up, editors_of


@require_GET
def list_sections(request: Request) -> HttpResponse:
    """All districts and bureaus: whether each has a section, who edits it, how much is in it."""
    _require_chief(request)
    unions = list(possible().order_by("code", "pk")[:MAX_LISTED])
    return render(request, "publishing/local_sections.html", {"lines": lines(unions)})


@require_http_methods(["GET", "POST"])
def open_page(request: Request, pk: int) -> HttpResponse:
    """Opens a section, a new one or the closed one; says what will show."""
    _require_chief(request)
    union = get_object_or_404(possible(), pk=pk)
    local = LocalSection.objects.select_related("union").filter(union=union).first()
    if local and local.is_open and request.method == "GET":
        return redirect("publishing:local_sections")
    form = OpenForm(request.POST if request.method == "POST" else None, union=union, local=local)
    if form.is_valid():
        with refused_into(form):
            opened = open_section(union, **form.cleaned_data, by=request.user)
            messages.success(request, f"已开通「{opened}」的栏目，并已通知它的管理员。")
            return redirect("publishing:local_sections")
    context = {
        "union": union,
        "local": local,
        "form": form,
        "contents": contents(local) if local else None,
        "editors": editors_of(local or LocalSection(union=union)).order_by("pk")[:20],
        "base": f"{settings.ENVIRONMENT.base_url}{reverse('section', args=['local'])}",
    }
    return render(request, "publishing/local_open.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def close_page(request: Request, pk: int) -> HttpResponse:
    """Closes a section; says first what the public will not see any more."""
    _require_chief(request)
    local = get_object_or_404(LocalSection.objects.select_related("union"), union=pk)
    if not local.is_open and request.method == "GET":
        return redirect("publishing:local_sections")
    form = CloseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refused_into(form):
            closed = close_section(local, **form.cleaned_data, by=request.user)
            messages.success(request, f"已关闭「{closed}」的栏目，并已通知它的管理员。")
            return redirect("publishing:local_sections")
    context = {"local": local, "form": form, "contents": contents(local)}
    return render(request, "publishing/local_close.html", context, status=422 if form.errors else 200)


def _require_chief(request: Request) -> None:
    if not can_set_up(request.user):
        raise Http404
