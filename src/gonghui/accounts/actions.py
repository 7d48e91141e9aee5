"""Account management (SPEC 1.4). allauth changes a user's own password and e-mail."""

from collections.abc import Collection, Sequence

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import IntegrityError, transaction
from django.urls import reverse

from gonghui.accounts.models import Role, User
from gonghui.accounts.rules import (
    can_change_roles,
    can_create_account,
    can_manage_accounts,
    can_switch_account,
    require,
)
from gonghui.accounts.sign_in import unlock
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.documents import mask_email
from gonghui.kit.errors import Refused
from gonghui.kit.jobs import defer
from gonghui.kit.names import clean_email
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union, UnionState

verbs.register(
    account__created="新增账号",
    account__invited="发送开通邮件",
    account__disabled="停用账号",
    account__enabled="启用账号",
    account__roles_changed="调整账号角色",
    account__reset="重设账号登录",
    account__renamed="修改姓名",
    account__device_link_sent="发送登录确认邮件",
)
_roles: dict[str, str] = {role.value: str(role.label) for role in Role}
verbs.facts(
    "account",
    roles=("角色", Role),
    old=("原值", lambda value: _roles.get(str(value), str(value))),
    new=("新值", lambda value: _roles.get(str(value), str(value))),
    email="邮箱",
    unlocked="解除锁定",
    second_factor="移除动态口令",
)

NOT_YOURS = "您只能管理本工会的其他账号、直属下级工会的管理员账号，以及直属基层工会的经办人账号。"


def create_account(union: Union, *, email: str, name: str, roles: Sequence[str], by: User) -> User:
    """Creates an account of ``union`` and mails the invitation, whose link sets the password.

    The e-mail counts as verified: the sign-in requires the link that is mailed to it. Raises Refused when ``by`` may
    not, the e-mail has an account already, or the union below has an administrator already.
    """
    email = clean_email(email)
    with transaction.atomic():
        union = Union.objects.select_for_update().get(pk=union.pk)
        if not can_create_account(by, union, roles):
            raise Refused("您只能为本工会开通账号，或为直属下级工会开通第一个管理员账号。", field="roles")
        if union != by.union and User.objects.administrators().filter(union=union).exists():
            raise Refused(f"{union.name}已有管理员，其他账号请由该工会的管理员开通。", field="union")
        user = make(union, email, name, roles)
        record("account.created", user, by=by, union=union, roles=user.roles)
        invite(user, by)
    return user


def create_platform_admin(email: str) -> str:
    """Creates a platform administrator of the city, for the operator's command line (SPEC 7.4).

    Returns the path of the page that sets the password; until it is set, another call returns a new path. Raises
    Refused when there is no city yet or the e-mail has an account already.
    """
    email = clean_email(email)
    with transaction.atomic():
        city = Union.objects.filter(kind=UnionKind.CITY).first()
        if city is None:
            raise Refused("还没有市总工会，请先运行 gonghui manage load_tree。")
        without_password = User.objects.filter(email=email, password__startswith=UNUSABLE_PASSWORD_PREFIX)
        user = without_password.select_related("union").first()
        if user and user.is_platform_admin:
            record("account.invited", user, by=None, union=city)
        else:
            user = make(city, email, "", (Role.ADMIN, Role.PLATFORM_ADMIN))
            record("account.created", user, by=None, union=city, roles=user.roles)
    key = _key(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": key["uid"], "key": key["key"]})


def invite_again(user: User, *, by: User) -> None:
    """Sends the invitation again. Raises Refused when the password is already set."""
    with transaction.atomic():
        user = _lock(user, by)
        if user.has_usable_password():
            raise Refused(f"{user}已经设置了密码，可以在登录页点「忘记密码」重设。")
        record("account.invited", user, by=by, union=user.union)
        invite(user, by)


def disable_account(user: User, *, by: User) -> None:
    """Disables an account and ends its sessions. Raises Refused when ``by`` may not or it is disabled already."""
    with transaction.atomic():
        user = _lock(user, by, oneself="不能停用自己的账号。如需停用，请由本工会的其他管理员或上级工会操作。")
        disable(user, union=user.union, by=by)


def disable(user: User, *, union: Union | None, by: User) -> None:
    """Disables a locked account on the union's record, in the caller's transaction, which has asked whether ``by`` may.

    Raises Refused when it is disabled already.
    """
    if not user.is_active:
        raise Refused(f"{user}的账号已经停用，不必重复操作。")
    shut_out(user)
    record("account.disabled", user, by=by, union=union)


def enable_account(user: User, *, by: User) -> None:
    """Enables a disabled account. Raises Refused when ``by`` may not or it is not disabled."""
    with transaction.atomic():
        user = _lock(user, by)
        enable(user, union=user.union, by=by)


def enable(user: User, *, union: Union | None, by: User) -> None:
    """Enables a locked account, as `disable` does the opposite. Raises Refused when it is not disabled, or for good: its
    union was closed.
    """
    if user.is_active:
        raise Refused(f"{user}的账号已经启用，不必重复操作。")
    if user.union and not user.union.is_grassroots and user.union.state == UnionState.DISSOLVED:
        raise Refused(f"{user.union.name}已撤销，它的账号不能再启用。请在接收的工会为{user}开通账号。")
    user.is_active = True
    user.save(update_fields=["is_active"])
    record("account.enabled", user, by=by, union=union)


def change_roles(user: User, *, roles: Collection[str], by: User) -> None:
    """Replaces the roles of an account of ``by``'s own union (SPEC 1.4).

    Raises Refused when ``by`` may not, ``by`` would lose 管理员, or nothing changes.
    """
    with transaction.atomic():
        user = lock(by, user)[user.pk]
        if user.pk == by.pk and user.has_role(Role.ADMIN) and Role.ADMIN not in roles:
            raise Refused("不能取消自己的管理员角色，否则本工会可能没有管理员。请由其他管理员操作。", field="roles")
        if not can_change_roles(by, user, roles):
            raise Refused("您只能在本工会的角色中调整本工会账号的角色，平台管理员由平台管理员调整。", field="roles")
        old, new = user.roles, sorted(set(roles))
        if set(old) == set(new):
            raise Refused(f"{user}的角色没有变化，没有需要保存的修改。", field="roles")
        user.roles = new
        user.save(update_fields=["roles"])
        record("account.roles_changed", user, by=by, union=user.union, old=old, new=new)


def reset_account(user: User, *, second_factor: bool, by: User) -> None:
    """Resets a sign-in: mails a link for a new password, ends the lock-out and all sessions (SPEC 1.3, 1.4).

    Raises Refused when ``by`` may not, and for the reasons of `reset`.
    """
    with transaction.atomic():
        user = _lock(user, by, oneself="自己的密码和动态口令请在「账号与安全」中修改。")
        reset(user, union=user.union, second_factor=second_factor, by=by)


def reset(user: User, *, union: Union | None, second_factor: bool, by: User) -> None:
    """Resets the sign-in of a locked account on the union's record, in the caller's transaction, as `disable` does.

    With ``second_factor`` the second factor is removed too. The old password is valid until the owner sets a new one;
    the mail says who did what. Raises Refused when the account is disabled, or there is no second factor.
    """
    if not user.is_active:
        raise Refused(f"{user}的账号已停用，请先启用再重设登录。")
    factors = Authenticator.objects.filter(user=user)
    if second_factor and not factors.exists():
        raise Refused(f"{user}没有启用动态口令，不需要移除。请去掉勾选后再试。", field="second_factor")
    if second_factor:
        factors.delete()
    unlocked = unlock(user.email)
    end_sessions(user)
    record("account.reset", user, by=by, union=union, unlocked=unlocked, second_factor=second_factor)
    context = {**_key(user), "user": user, "who": f"{by.union}的{by}", "second_factor": second_factor}
    get_adapter().send_mail("account/email/reset_for_you", user.email, context)


def send_device_link(email: str) -> None:
    """Mails the link that makes a device known; by a job even without such an account: the response time is equal."""
    from gonghui.accounts.tasks import mail_device_link

    user = User.objects.filter(email=email, is_active=True).first()
    with transaction.atomic():
        record("account.device_link_sent", user, by=None, union=user.union if user else None, email=mask_email(email))
        defer(mail_device_link, user_id=user.pk if user else None)


def rename_account(user: User, *, name: str) -> None:
    """Changes the user's own name, which other users see."""
    with transaction.atomic():
        old, user.name = user.name, name
        user.save(update_fields=["name"])
        record("account.renamed", user, by=user, old=old, new=name)


def make(union: Union | None, email: str, name: str, roles: Sequence[str]) -> User:
    """Creates an account with a verified e-mail, in the caller's transaction. Raises Refused when the e-mail has one."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, name=name, union=union, roles=sorted(roles))
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    except IntegrityError as error:
        raise Refused("这个邮箱已有账号，请换一个邮箱。", field="email") from error
    return user


def shut_out(user: User) -> None:
    """Disables the account and ends its sessions, in the caller's transaction."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user)


def end_sessions(user: User) -> None:
    """Signs the account out on all devices, in the caller's transaction."""
    for session in UserSession.objects.filter(user=user):
        session.end()


def lock(by: User, *others: User) -> dict[int, User]:
    """Locks the accounts, and returns their current rows by id; also refreshes ``by``. Raises Refused when ``by`` is no
    longer an administrator.

    All are locked in one order: if two administrators disable each other at the same time, the first one succeeds and
    the second is no longer an administrator. So a union keeps one, as an administrator cannot disable the own account.
    """
    ids = {by.pk, *(other.pk for other in others)}
    rows = User.objects.select_for_update(of=["self"], no_key=True).select_related("union").order_by("pk")
    users = {user.pk: user for user in rows.filter(pk__in=ids)}
    sentence = "您已不是在用的管理员，不能再管理账号。请联系本工会的其他管理员或上级工会。"
    require(can_manage_accounts, by, sentence=sentence)
    return users


def _key(user: User) -> dict[str, str]:
    """Returns the two parts of the address of the page on which the user sets a password."""
    return {"uid": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}


def _lock(user: User, by: User, *, oneself: str = NOT_YOURS) -> User:
    """Locks the account. Raises Refused when ``by`` may not switch it, with ``oneself`` for the own account."""
    user = lock(by, user)[user.pk]
    if not can_switch_account(by, user):
        raise Refused(oneself if user.pk == by.pk else NOT_YOURS)
    return user


def invite(user: User, by: User, *, predecessor: User | None = None) -> None:
    """Mails the link that sets the password; ``predecessor`` is the account whose roles ``user`` gets."""
    context = {
        **_key(user),
        "user": user,
        "inviter": f"{by.union}的{by}",
        "roles": role_words(user),
        "predecessor": predecessor,
    }
    get_adapter().send_mail("account/email/invitation", user.email, context)


def role_words(user: User) -> str:
    """Returns the labels of an account's roles."""
    return "、".join(Role(role).label for role in user.roles)
