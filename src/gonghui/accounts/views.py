"""Pages of one's own account and of the accounts of a union."""

from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from gonghui.accounts import actions
from gonghui.accounts.forms import AccountFilter, AccountForm, NameForm
from gonghui.accounts.models import Role, User
from gonghui.accounts.queries import filtered_accounts
from gonghui.accounts.request import Request
from gonghui.accounts.rules import can_manage_accounts, can_switch_account
from gonghui.kit.errors import Refused
from gonghui.kit.paging import paginate


@login_not_required
@require_POST
def resend_verification(request: HttpRequest) -> HttpResponse:
    """Send the proof of an e-mail again. The answer is the same whether the e-mail is known or not."""
    if refusal := ratelimit.consume_or_429(request, action="resend_verification"):
        return refusal
    email = request.POST.get("email", "").strip().lower()
    address = EmailAddress.objects.filter(email=email, verified=False, user__is_active=True).first()
    if address:
        send_verification_email_to_address(request, address, signup=True)
    messages.success(request, "如果这个邮箱有等待验证的账号，验证邮件已重新发送，请查收。")
    return redirect("account_email_verification_sent")


def settings_page(request: Request) -> HttpResponse:
    """One's own account: name here, and the way to password, e-mail, second factor and devices."""
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        actions.rename_account(request.user, name=form.cleaned_data["name"])
        messages.success(request, "姓名已保存。")
        return redirect("accounts:settings")
    totp = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).exists()
    roles = [Role(role).label for role in request.user.roles]
    return render(request, "accounts/settings.html", {"form": form, "totp": totp, "roles": roles})


def list_accounts(request: Request) -> HttpResponse:
    """The accounts of one's union and the administrators of the unions directly below (SPEC 1.4)."""
    _require_manager(request.user)
    filters = AccountFilter(request.GET)
    values = filters.cleaned_data if filters.is_valid() else {}
    page = paginate(request, filtered_accounts(request.user, values), order=["-id"])
    for user in page.rows:
        user.role_labels = [Role(role).label for role in user.roles]
        user.may_switch = can_switch_account(request.user, user)
    return render(request, "accounts/list.html", {"page": page, "filters": filters})


def create_account(request: Request) -> HttpResponse:
    """A new account; its owner sets the password by mail."""
    _require_manager(request.user)
    form = AccountForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.create_account(by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, f"已开通{user}的账号，开通邮件已发送到 {user.email}。")
            return redirect("accounts:list")
    return render(request, "accounts/create.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def disable_account(request: Request, pk: int) -> HttpResponse:
    user = _managed(request, pk)
    actions.disable_account(user, by=request.user)
    messages.success(request, f"已停用{user}的账号，该账号的登录已全部退出。")
    return redirect("accounts:list")


@require_POST
def enable_account(request: Request, pk: int) -> HttpResponse:
    user = _managed(request, pk)
    actions.enable_account(user, by=request.user)
    messages.success(request, f"已启用{user}的账号。")
    return redirect("accounts:list")


@require_POST
def invite_again(request: Request, pk: int) -> HttpResponse:
    user = _managed(request, pk)
    actions.invite_again(user, by=request.user)
    messages.success(request, f"开通邮件已再次发送到 {user.email}。")
    return redirect("accounts:list")


def _require_manager(user: User) -> None:
    if not can_manage_accounts(user):
        raise PermissionDenied


def _managed(request: Request, pk: int) -> User:
    _require_manager(request.user)
    return get_object_or_404(User.objects.visible_to(request.user), pk=pk)
