"""「年检窗口」: the city opens, extends and closes them; other superiors see those that reach them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from gonghui.accounts.request import Request, own_union
from gonghui.inspections.forms import ExtendForm, ReasonForm, WindowForm
from gonghui.inspections.models import Window
from gonghui.inspections.queries import completions
from gonghui.inspections.rules import can_look_on, can_manage_windows
from gonghui.inspections.windows import actions
from gonghui.kit.forms import refused_into
from gonghui.kit.paging import paginate


@require_GET
def list_windows(request: Request) -> HttpResponse:
    """All windows that one's union has to do with, the newest first, with state and completion."""
    if not can_look_on(request.user):
        raise Http404
    windows = Window.objects.visible_to(request.user).prefetch_related("scopes__level2").select_related("opened_by")
    page = paginate(request, windows, order=("-id",))
    completions(page.rows, own_union(request))
    context = {"page": page, "may_manage": can_manage_windows(request.user)}
    return render(request, "inspections/windows.html", context)


@require_http_methods(["GET", "POST"])
def open_window(request: Request) -> HttpResponse:
    """「开启年检」."""
    _require_manager(request)
    form = WindowForm(request.POST or None)
    if form.is_valid():
        with refused_into(form):
            window = actions.open_window(**form.cleaned_data, by=request.user)
            note = "已开始通知范围内的工会。" if window.is_open else f"{window.begins_on} 起通知范围内的工会。"
            messages.success(request, f"已开启{window}（{window.scope_label}），{note}")
            return redirect("inspections:windows")
    return render(request, "inspections/open.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def extend_window(request: Request, pk: int) -> HttpResponse:
    """「延长」: a later deadline with its reason."""
    window = _managed(request, pk)
    form = ExtendForm(request.POST or None, initial={"deadline": window.deadline})
    if form.is_valid():
        with refused_into(form):
            window = actions.extend_window(window, **form.cleaned_data, by=request.user)
            messages.success(request, f"{window}的截止日期已延长到 {window.deadline}，已开始通知未完成的工会。")
            return redirect("inspections:windows")
    return _form_page(request, "inspections/extend.html", form, window)


@require_http_methods(["GET", "POST"])
def close_window(request: Request, pk: int) -> HttpResponse:
    """「提前结束」: asks for the reason and states the consequence."""
    window = _managed(request, pk)
    form = ReasonForm(request.POST or None, label="提前结束的原因")
    if form.is_valid():
        with refused_into(form):
            window = actions.close_window(window, **form.cleaned_data, by=request.user)
            messages.success(request, f"{window}已提前结束，工会不能再确认。")
            return redirect("inspections:windows")
    return _form_page(request, "inspections/close.html", form, window)


def _form_page(request: Request, template: str, form: ExtendForm | ReasonForm, window: Window) -> HttpResponse:
    context = {"form": form, "window": window}
    return render(request, template, context, status=422 if form.errors else 200)


def _require_manager(request: Request) -> None:
    if not can_look_on(request.user):
        raise Http404
    if not can_manage_windows(request.user):
        raise PermissionDenied


def _managed(request: Request, pk: int) -> Window:
    _require_manager(request)
    return get_object_or_404(Window.objects.visible_to(request.user).prefetch_related("scopes__level2"), pk=pk)
