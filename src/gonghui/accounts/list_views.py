"""The settings of a list, and named searches; the list's own page posts them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_POST

from gonghui.accounts.list_settings import remove_view, save_setting, save_view
from gonghui.accounts.models import SavedView
from gonghui.accounts.request import Request
from gonghui.kit.forms import row_ids


def _path(request: Request) -> str:
    """Returns the path of the list. Raises Http404 when the platform has no such address."""
    path = request.POST.get("path", "")
    try:
        resolve(path)
    except Resolver404:
        raise Http404 from None
    return path


@require_POST
def setting(request: Request) -> HttpResponse:
    """Stores row height, columns and rows per page, as ticked in the list's menu (script)."""
    size = row_ids([request.POST.get("size", "")])
    save_setting(
        request.user,
        _path(request),
        density=request.POST.get("density", ""),
        hidden=row_ids([request.POST.get("hidden", "")]),
        size=size[0] if size else None,
    )
    return HttpResponse(status=204)


@require_POST
def save(request: Request) -> HttpResponse:
    """「存为常用筛选」."""
    view = save_view(
        request.user, _path(request), name=request.POST.get("name", ""), query=request.POST.get("query", "")
    )
    messages.success(request, f"已保存常用筛选“{view}”。")
    return redirect(view.address)


@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    """Deletes one of the user's own named searches."""
    view = get_object_or_404(SavedView, pk=pk, user=request.user)
    remove_view(view)
    messages.success(request, f"已删除常用筛选“{view}”。")
    return redirect(view.path)
