"""Pages of the own account and of the accounts of a union."""

from datetime import timedelta

from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts import actions, handover
from gonghui.accounts.devices import remember, user_of
from gonghui.accounts.forms import AccountFilter, AccountForm, HandOverForm, NameForm, RolesForm
from gonghui.accounts.limits import Limit, by_email, limited, spend
from gonghui.accounts.models import Role, User
from gonghui.accounts.queries import has_second_factor, managed_accounts, mark_undelivered
from gonghui.accounts.request import Request, own_union
from gonghui.accounts.rules import (
    can_change_roles,
    can_manage_accounts,
    can_manage_officers,
    can_switch_account,
)
from gonghui.accounts.sign_in import is_locked
from gonghui.kit.errors import Refused
from gonghui.kit.forms import refused_into
from gonghui.kit.paging import paginate
from gonghui.unions.models import Union


@login_not_required
@require_POST
@limited(Limit("resend_verification", 10, timedelta(minutes=1)))
def resend_verification(request: HttpRequest) -> HttpResponse:
    """Sends the verification mail again. The response is the same whether the e-mail is known or not."""
    email = _email_or_refuse(request)
    address = EmailAddress.objects.filter(email=email, verified=False, user__is_active=True).first()
    if address:
        send_verification_email_to_address(request, address, signup=True)
    messages.success(request, "如果这个邮箱有等待验证的账号，验证邮件已重新发送，请查收。")
    return redirect("account_email_verification_sent")


def _email_or_refuse(request: HttpRequest) -> str:
    """Returns the submitted e-mail. Raises Refused when it is invalid."""
    email = by_email(request)
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused("请填写邮箱，写成“name@example.com”的样子。", field="email") from error
    return email


@login_not_required
@require_POST
@limited(Limit("device_link", 10, timedelta(minutes=15)))
def send_device_link(request: HttpRequest) -> HttpResponse:
    """Mails the link for a locked-out owner on a new device; the response is the same for any e-mail."""
    email = _email_or_refuse(request)
    if spend(Limit("device_link_of", 3, timedelta(hours=1)), email):
        actions.send_device_link(email)
    return render(request, "account/device_link_sent.html")


@login_not_required
@require_http_methods(["GET", "POST"])
def device(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the mailed link: makes this device known with a new count of failures; the sign-in follows."""
    user = user_of(token)
    if user is None:
        return render(request, "account/device.html", {"user_of_link": None}, status=410)
    if request.method == "GET":  # mail scanners open links
        return render(request, "account/device.html", {"user_of_link": user})
    messages.success(request, "已确认这台设备，请输入密码登录。")
    response = redirect("account_login")
    remember(request, response, user.email, new_number=True)
    return response


def settings_page(request: Request) -> HttpResponse:
    """The own account: the name, and links to password, e-mail, second factor and devices."""
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        actions.rename_account(request.user, name=form.cleaned_data["name"])
        messages.success(request, "姓名已保存。")
        return redirect("accounts:settings")
    totp = has_second_factor(request.user)
    roles = [Role(role).label for role in request.user.roles]
    return render(request, "accounts/settings.html", {"form": form, "totp": totp, "roles": roles})


def list_accounts(request: Request) -> HttpResponse:
    """The accounts of the own union and the administrators of the unions directly below (SPEC 1.4)."""
    _require_manager(request.user)
    filters = AccountFilter(request.GET)
    page = paginate(request, filters.narrow(managed_accounts(request.user)), order=["-id"])
    for user in page.rows:
        user.role_labels = [Role(role).label for role in user.roles]
        user.may_switch = can_switch_account(request.user, user)
    mark_undelivered(page.rows)
    return render(request, "accounts/list.html", {"page": page, "filters": filters}, status=filters.status)


def create_account(request: Request) -> HttpResponse:
    """Creates an account; its owner sets the password by a mailed link."""
    _require_manager(request.user)
    form = AccountForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            user = actions.create_account(by=request.user, **form.cleaned_data)
            messages.success(request, f"已开通{user}的账号，开通邮件已发送到 {user.email}。")
            return redirect("accounts:list")
    return render(request, "accounts/create.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def account(request: Request, pk: int) -> HttpResponse:
    """One account and its actions: roles, hand-over, reset, disable."""
    return _account_page(request, _managed(request, pk))


@require_POST
def change_roles(request: Request, pk: int) -> HttpResponse:
    """Replaces the roles of an account of the own union."""
    user = _managed(request, pk)
    form = RolesForm(request.POST, by=request.user)
    if form.is_valid():
        try:
            actions.change_roles(user, roles=form.cleaned_data["roles"], by=request.user)
        except Refused as refusal:
            form.add_error("roles", refusal.sentence)
        else:
            messages.success(request, f"{user}的角色已保存，立即生效。")
            return redirect("accounts:account", pk)
    return _account_page(request, user, roles_form=form)


@require_POST
def reset(request: Request, pk: int) -> HttpResponse:
    """Mails the link for a new password, ends the lock-out, and if ticked removes a lost second factor."""
    user = _managed(request, pk)
    actions.reset_account(user, second_factor="second_factor" in request.POST, by=request.user)
    messages.success(request, f"登录锁定已解除，重设密码的邮件已发送到 {user.email}。")
    return redirect("accounts:account", pk)


@require_http_methods(["GET", "POST"])
def hand_over(request: Request, pk: int) -> HttpResponse:
    """交接: choose the successor; the page explains what will happen."""
    user = _managed(request, pk)
    if not can_switch_account(request.user, user):
        raise PermissionDenied
    form = HandOverForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            successor = handover.hand_over(user, by=request.user, **form.cleaned_data)
            messages.success(request, f"{user}的角色已移交给{successor}，原账号已停用，双方都会收到邮件。")
            return _back(user)
    context = {"form": form, "account": user, "roles": actions.role_words(user)}
    return render(request, "accounts/hand_over.html", context, status=422 if form.errors else 200)


@require_GET
def officers(request: Request, pk: int) -> HttpResponse:
    """The officers of one grassroots union, for its direct superior's administrators (SPEC 1.4)."""
    union = get_object_or_404(Union.objects.grassroots(), pk=pk, superior=own_union(request))
    if not can_manage_officers(request.user, union):
        raise PermissionDenied
    page = paginate(request, User.objects.filter(union=union).select_related("union"), order=["-id"], size=20)
    for user in page.rows:
        user.may_switch = can_switch_account(request.user, user)
    mark_undelivered(page.rows)
    return render(request, "accounts/officers.html", {"page": page, "union": union})


@require_POST
def disable_account(request: Request, pk: int) -> HttpResponse:
    user = _managed(request, pk)
    actions.disable_account(user, by=request.user)
    messages.success(request, f"已停用{user}的账号，该账号的登录已全部退出。")
    return _back(user)


@require_POST
def enable_account(request: Request, pk: int) -> HttpResponse:
    user = _managed(request, pk)
    actions.enable_account(user, by=request.user)
    messages.success(request, f"已启用{user}的账号。")
    return _back(user)


@require_POST
def invite_again(request: Request, pk: int) -> HttpResponse:
    user = _managed(request, pk)
    actions.invite_again(user, by=request.user)
    messages.success(request, f"开通邮件已再次发送到 {user.email}。")
    return _back(user)


def _require_manager(user: User) -> None:
    if not can_manage_accounts(user):
        raise PermissionDenied


def _managed(request: Request, pk: int) -> User:
    _require_manager(request.user)
    return get_object_or_404(User.objects.visible_to(request.user).select_related("union"), pk=pk)


def _back(user: User) -> HttpResponse:
    """Redirects to the list with the account."""
    if user.union is not None and user.union.is_grassroots:
        return redirect("accounts:officers", user.union_id)
    return redirect("accounts:list")


def _account_page(request: Request, user: User, *, roles_form: RolesForm | None = None) -> HttpResponse:
    mark_undelivered([user])
    is_own = user.union_id == request.user.union_id
    may_change = can_change_roles(request.user, user, user.roles or [Role.VIEWER])
    form = roles_form or RolesForm(initial={"roles": user.roles}, by=request.user)
    context = {
        "account": user,
        "roles": actions.role_words(user),
        "roles_form": form if is_own and may_change else None,
        "may_switch": can_switch_account(request.user, user),
        "factors": has_second_factor(user),
        "locked": is_locked(user.email),
    }
    return render(request, "accounts/account.html", context, status=422 if roles_form else 200)
