"""The accounts of a 体检机构: of no union, opened, suspended and reset by who publishes (SPEC 6.7)."""

from django.db import transaction

from gonghui.accounts.actions import disable, enable, invite, make, reset
from gonghui.accounts.models import Role, User
from gonghui.accounts.rules import require
from gonghui.audit.actions import record
from gonghui.bookings.models import Provider
from gonghui.bookings.rules import can_manage_provider, can_publish
from gonghui.kit.errors import Refused
from gonghui.kit.names import clean_email
from gonghui.unions.models import Union

NOT_YOURS = "只有开通这个账号的工会的管理员可以办理。"


def open_account(union: Union, *, provider: str, email: str, name: str, by: User) -> User:
    """Opens an account of the provider of this name, which is made if the union has none, and mails the invitation.

    Raises Refused: ``by`` may not, the e-mail has an account, or another union has a provider of this name.
    """
    with transaction.atomic():
        union = Union.objects.select_for_update(no_key=True).get(pk=union.pk)
        require(can_publish, by, union, sentence="只有发布项目的工会的管理员可以为体检机构开通账号。")
        found, made = Provider.objects.get_or_create(name=provider, defaults={"created_by": by})
        if not made and not Provider.objects.filter(pk=found.pk, created_by__union=union).exists():
            raise Refused("已有其他工会登记了同名机构，请在名称后注明院区或所在的区。", field="provider")
        account = make(None, clean_email(email), name, [Role.PROVIDER])
        found.accounts.add(account)
        record("account.created", account, by=by, union=union, roles=account.roles)
        invite(account, by)
        return account


def suspend(account: User, *, by: User) -> None:
    """Suspends it and ends its sessions. Raises Refused: ``by`` may not, or it is suspended."""
    with transaction.atomic():
        account = _lock(account, by)
        disable(account, union=by.union, by=by)


def resume(account: User, *, by: User) -> None:
    """Raises Refused: ``by`` may not, or it is not suspended."""
    with transaction.atomic():
        account = _lock(account, by)
        enable(account, union=by.union, by=by)


def invite_again(account: User, *, by: User) -> None:
    """Mails the invitation again. Raises Refused: ``by`` may not, it is suspended, or its password is set."""
    with transaction.atomic():
        account = _lock(account, by)
        if not account.is_active:
            raise Refused(f"{account}的账号已停用，请先启用再发送。")
        if account.has_usable_password():
            raise Refused(f"{account}已经设置了密码，可以在登录页点「忘记密码」重设。")
        record("account.invited", account, by=by, union=by.union)
        invite(account, by)


def reset_sign_in(account: User, *, second_factor: bool, by: User) -> None:
    """Mails a link for a new password, ends the lock-out and all sessions, and removes a lost second factor.

    Raises Refused: ``by`` may not, it is suspended, or it has no second factor to remove.
    """
    with transaction.atomic():
        account = _lock(account, by)
        reset(account, union=by.union, second_factor=second_factor, by=by)


def _lock(account: User, by: User) -> User:
    account = User.objects.select_for_update(no_key=True).get(pk=account.pk)
    require(can_manage_provider, by, account, sentence=NOT_YOURS)
    return account
