"""「体检机构」: the accounts of providers, for the union that publishes."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.models import Role, User
from gonghui.accounts.queries import mark_undelivered
from gonghui.accounts.request import Request, own_union
from gonghui.bookings.providers import actions
from gonghui.bookings.providers.forms import AccountForm, ResetForm
from gonghui.bookings.rules import can_publish
from gonghui.kit.forms import refused_into
from gonghui.kit.paging import paginate
from gonghui.unions.models import Union


def _publisher(request: Request) -> Union:
    union = own_union(request)
    if union.is_grassroots:
        raise Http404
    if not can_publish(request.user, union):
        raise PermissionDenied
    return union


def _account(request: Request, pk: int) -> User:
    """One that the union has opened. Raises Http404, PermissionDenied."""
    union = own_union(request)
    account = get_object_or_404(User.objects.filter(providers__created_by__union=union).distinct(), pk=pk)
    if not can_publish(request.user, union):
        raise PermissionDenied
    return account


@require_GET
def providers(request: Request) -> HttpResponse:
    """The accounts that the union has opened, the newest first."""
    rows = User.objects.filter(roles__contains=[Role.PROVIDER], providers__created_by__union=_publisher(request))
    page = paginate(request, rows.prefetch_related("providers"), order=("-id",), size=20)
    mark_undelivered(page.rows)
    return render(request, "bookings/providers.html", {"page": page})


@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """「开通账号」."""
    union = _publisher(request)
    form = AccountForm(request.POST or None)
    if form.is_valid():
        with refused_into(form):
            account = actions.open_account(union, by=request.user, **form.cleaned_data)
            messages.success(request, f"已开通{account}的账号，开通邮件已发送到 {account.email}。")
            return redirect("bookings:providers")
    return render(request, "bookings/provider_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def reset(request: Request, pk: int) -> HttpResponse:
    """「重设登录」, for who has lost the password, the phone, or both."""
    account = _account(request, pk)
    factors = Authenticator.objects.filter(user=account).exists()
    form = ResetForm(request.POST if request.method == "POST" else None, factors=factors)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            removed = form.cleaned_data.get("second_factor", False)
            actions.reset_sign_in(account, second_factor=removed, by=request.user)
            messages.success(request, f"{account}的登录已重设，设置新密码的邮件已发送到 {account.email}。")
            return redirect("bookings:providers")
    context = {"form": form, "account": account}
    return render(request, "bookings/provider_reset.html", context, status=422 if form.errors else 200)


@require_POST
def change(request: Request, pk: int) -> HttpResponse:
    """「再次发送开通邮件」, 「停用」 or 「启用」."""
    account = _account(request, pk)
    do = request.POST.get("do")
    if do == "suspend":
        actions.suspend(account, by=request.user)
        messages.success(request, f"已停用{account}的账号，该账号的登录已全部退出。")
    elif do == "resume":
        actions.resume(account, by=request.user)
        messages.success(request, f"已启用{account}的账号。")
    else:
        actions.invite_again(account, by=request.user)
        messages.success(request, f"开通邮件已再次发送到 {account.email}。")
    return redirect("bookings:providers")
