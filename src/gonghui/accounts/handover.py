"""交接: a person leaves, and a successor gets the account's roles (SPEC 1.4)."""

from allauth.account.adapter import get_adapter
from django.db import transaction

from gonghui.accounts.actions import NOT_YOURS, invite, lock, make, role_words, shut_out
from gonghui.accounts.hooks import on_handover
from gonghui.accounts.models import User
from gonghui.accounts.rules import can_switch_account
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.kit.names import clean_email

verbs.register(account__handed_over="移交账号")
verbs.facts("account", successor="接任人")


def hand_over(user: User, *, successor: User | None = None, email: str = "", name: str = "", by: User) -> User:
    """Gives all roles of ``user`` to ``successor``, an account of the same union, or to a new account with ``email``.

    The old account loses its roles, is disabled, and its sessions end; its records keep its name. Both get a mail.
    Returns the successor. Raises Refused when ``by`` may not, there are no roles to hand over, the successor is
    disabled, of another union or the same account, or the e-mail has an account.
    """
    email = clean_email(email)
    if (successor is None) == (not email):
        raise Refused("请选择一个已有账号，或者填写接任人的邮箱，两者选一。", field="successor")
    with transaction.atomic():
        users = lock(by, user, *filter(None, [successor]))
        user = users[user.pk]
        if user.pk == by.pk:
            raise Refused("自己的账号请由本工会的其他管理员或上级工会移交。")
        if not can_switch_account(by, user):
            raise Refused(NOT_YOURS)
        if not user.roles:
            raise Refused(f"{user}的账号已经没有角色，可能已移交，不必重复操作。")
        roles = user.roles
        new = _extended(user, users[successor.pk]) if successor else _made(user, email, name)
        user.roles = []
        user.save(update_fields=["roles"])
        shut_out(user)
        on_handover(user, new)
        record("account.handed_over", user, by=by, union=user.union, roles=roles, successor=str(new))
        _notify(user, new, by, invited=successor is None)
    return new


def _extended(user: User, successor: User) -> User:
    """Adds the roles to the successor. Raises Refused when it is not another active account of the union."""
    if successor.pk == user.pk or successor.union_id != user.union_id:
        raise Refused(f"接任人应是{user.union}的另一个账号，请重新选择。", field="successor")
    if not successor.is_active:
        raise Refused(f"{successor}的账号已停用，请先启用，或选择其他账号。", field="successor")
    successor.roles = sorted({*successor.roles, *user.roles})
    successor.save(update_fields=["roles"])
    return successor


def _made(user: User, email: str, name: str) -> User:
    """Creates an account with the roles. Raises Refused when the e-mail has one already."""
    if User.objects.filter(email=email, union=user.union_id).exists():
        raise Refused("这个邮箱已是本工会的账号，请在「已有账号」中选择。", field="email")
    assert user.union is not None  # noqa: S101 (can_switch_account has checked it)
    return make(user.union, email, name.strip(), user.roles)


def _notify(predecessor: User, successor: User, by: User, *, invited: bool) -> None:
    """Mails both; a new account gets its invitation."""
    context = {
        "old": predecessor,
        "new": successor,
        "roles": role_words(successor),
        "who": f"{by.union}的{by}",
        "union": predecessor.union,
    }
    get_adapter().send_mail("account/email/handed_over", predecessor.email, context)
    if invited:
        invite(successor, by, predecessor=predecessor)
    else:
        get_adapter().send_mail("account/email/taken_over", successor.email, context)
