"""Writes of accounts that somebody makes for others (SPEC 1.4). One's own password and e-mail are allauth's."""

from collections.abc import Sequence

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import IntegrityError, transaction
from django.urls import reverse

from gonghui.accounts.models import Role, User
from gonghui.accounts.rules import can_create_account, can_switch_account
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.unions.levels import Kind
from gonghui.unions.models import Union

verbs.register(
    account__created="新增账号",
    account__invited="发送开通邮件",
    account__disabled="停用账号",
    account__enabled="启用账号",
    account__renamed="修改姓名",
)


def create_account(union: Union, *, email: str, name: str, roles: Sequence[str], by: User) -> User:
    """Make an account of ``union`` and send the invitation, by whose link the password is set.

    The e-mail counts as proved: nobody can sign in before opening the link that went to it. Raises Refused when ``by``
    may not, the e-mail has an account already, or a union below has an administrator already.
    """
    email = email.strip().lower()
    with transaction.atomic():
        union = Union.objects.select_for_update().get(pk=union.pk)
        if not can_create_account(by, union, roles):
            raise Refused("您只能为本工会开通账号，或为直属下级工会开通第一个管理员账号。", field="roles")
        if union != by.union and _has_admin(union):
            raise Refused(f"{union.name}已有管理员，其他账号请由该工会的管理员开通。", field="union")
        user = _make(union, email, name, roles)
        record("account.created", user, by=by, union=union, roles=user.roles)
        _invite(user, by)
    return user


def create_platform_admin(email: str) -> str:
    """Make a platform administrator of the city; for the operator at the command line (SPEC 7.4).

    Returns the path of the page where the password is set; while it has not been set, a repeated call gives it anew.
    Raises Refused when there is no city yet or the e-mail has an account already.
    """
    email = email.strip().lower()
    with transaction.atomic():
        city = Union.objects.filter(kind=Kind.CITY).first()
        if city is None:
            raise Refused("还没有市总工会，请先运行 gonghui manage load_tree。")
        user = (
            User.objects.select_related("union")
            .filter(email=email, password__startswith=UNUSABLE_PASSWORD_PREFIX)
            .first()
        )
        if user and user.is_platform_admin:
            record("account.invited", user, by=None, union=city)
        else:
            user = _make(city, email, "", (Role.ADMIN, Role.PLATFORM_ADMIN))
            record("account.created", user, by=None, union=city, roles=user.roles)
    return reverse("account_reset_password_from_key", kwargs=_key(user))


def invite_again(user: User, *, by: User) -> None:
    """Send the invitation once more. Raises Refused when the password has been set already."""
    with transaction.atomic():
        user = _lock(user, by)
        if user.has_usable_password():
            raise Refused(f"{user}已经设置了密码，可以在登录页点「忘记密码」重设。")
        record("account.invited", user, by=by, union=user.union)
        _invite(user, by)


def disable_account(user: User, *, by: User) -> None:
    """Shut an account out, at once: its sessions end. Raises Refused when ``by`` may not or it is disabled already."""
    with transaction.atomic():
        user = _lock(user, by)
        if not user.is_active:
            raise Refused(f"{user}的账号已经停用，不必重复操作。")
        user.is_active = False
        user.save(update_fields=["is_active"])
        for session in UserSession.objects.filter(user=user):
            session.end()
        record("account.disabled", user, by=by, union=user.union)


def enable_account(user: User, *, by: User) -> None:
    """Let a disabled account in again. Raises Refused when ``by`` may not or it is not disabled."""
    with transaction.atomic():
        user = _lock(user, by)
        if user.is_active:
            raise Refused(f"{user}的账号已经启用，不必重复操作。")
        user.is_active = True
        user.save(update_fields=["is_active"])
        record("account.enabled", user, by=by, union=user.union)


def rename_account(user: User, *, name: str) -> None:
    """One's own name, as others see it."""
    with transaction.atomic():
        user.name = name
        user.save(update_fields=["name"])
        record("account.renamed", user, by=user)


def _make(union: Union, email: str, name: str, roles: Sequence[str]) -> User:
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, name=name, union=union, roles=sorted(roles))
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    except IntegrityError as error:
        raise Refused("这个邮箱已有账号，请换一个邮箱。", field="email") from error
    return user


def _key(user: User) -> dict[str, str]:
    """What the address of the page carries where the user sets a password."""
    return {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}


def _lock(user: User, by: User) -> User:
    user = User.objects.select_for_update(of=["self"]).select_related("union").get(pk=user.pk)
    if not can_switch_account(by, user):
        raise Refused("您只能管理本工会的其他账号，以及直属下级工会的管理员账号。")
    return user


def _has_admin(union: Union) -> bool:
    return User.objects.filter(union=union, is_active=True, roles__contains=[Role.ADMIN]).exists()


def _invite(user: User, by: User) -> None:
    key = _key(user)
    context = {
        "user": user,
        "inviter": f"{by.union}的{by}",
        "roles": "、".join(Role(role).label for role in user.roles),
        "uid": key["uidb36"],
        "key": key["key"],
    }
    get_adapter().send_mail("account/email/invitation", user.email, context)
