"""Signals of allauth and Django about an account, recorded in the audit.

These acts happen inside the libraries' own views, which only offer signals. So this is the one place that uses signals:
they record the act or complete it: a password reset ends the lock-out, a reauthentication changes the session key, a
sign-in offers a stored form. Some signals come after the library's own commit; then the record has its own transaction.
"""

from collections.abc import Callable
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import signals as auth
from django.db import transaction
from django.http import HttpRequest

from gonghui.accounts.actions import end_sessions
from gonghui.accounts.kept import offer_kept
from gonghui.accounts.models import User
from gonghui.accounts.sign_in import unlock
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.documents import mask_email

verbs.register(
    account__signed_in="登录",
    account__signed_out="退出登录",
    account__sign_in_failed="登录失败",
    account__password_changed="修改密码",
    account__password_reset="重设密码",
    account__email_proved="验证邮箱",
    account__email_changed="更换邮箱",
    account__totp_enabled="启用动态口令",
    account__totp_disabled="停用动态口令",
    account__recovery_codes_made="生成恢复码",
)
_ADDED = {
    Authenticator.Type.TOTP: "account.totp_enabled",
    Authenticator.Type.RECOVERY_CODES: "account.recovery_codes_made",
}


def _record(verb: str, user: User | None, **data: Any) -> None:
    with transaction.atomic():
        record(verb, user, by=user, **data)


def signed_in(user: User, request: HttpRequest, **_: Any) -> None:
    _record("account.signed_in", user)
    offer_kept(request, user)


def authenticated_again(request: HttpRequest, *, reauthenticated: bool = False, **_: Any) -> None:
    """A stolen session key must not work after the reauthentication (ASVS 5.0, V7.2.4)."""
    if reauthenticated and (old := request.session.session_key):
        request.session.cycle_key()
        UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)


def sign_in_failed(credentials: dict[str, Any], **_: Any) -> None:
    _record("account.sign_in_failed", None, email=mask_email(credentials.get("email") or ""))


def password_reset(user: User, **_: Any) -> None:
    """The mailbox is verified: earlier failures no longer lock, and sessions of the old password end."""
    unlock(user.email)
    end_sessions(user)
    _record("account.password_reset", user)


def email_proved(email_address: Any, **_: Any) -> None:
    _record("account.email_proved", email_address.user, email=mask_email(email_address.email))


def email_changed(user: User, from_email_address: Any, to_email_address: Any, **_: Any) -> None:
    if from_email_address:
        old, new = mask_email(from_email_address.email), mask_email(to_email_address.email)
        _record("account.email_changed", user, old=old, new=new)


def authenticator_added(user: User, authenticator: Authenticator, **_: Any) -> None:
    _record(_ADDED[Authenticator.Type(authenticator.type)], user)


def authenticator_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        _record("account.totp_disabled", user)


def _recorder(verb: str) -> Callable[..., None]:
    """Returns a receiver that records ``verb`` for a user, if there is one."""

    def receive(user: User | None, **_: Any) -> None:
        if user is not None:
            _record(verb, user)

    return receive


def connect() -> None:
    """Connects the receivers; called once, when the app is ready."""
    auth.user_logged_in.connect(signed_in)
    auth.user_logged_out.connect(_recorder("account.signed_out"), weak=False)
    auth.user_login_failed.connect(sign_in_failed)
    account.authentication_step_completed.connect(authenticated_again)
    account.password_changed.connect(_recorder("account.password_changed"), weak=False)
    account.password_reset.connect(password_reset)
    account.email_confirmed.connect(email_proved)
    account.email_changed.connect(email_changed)
    mfa.authenticator_added.connect(authenticator_added)
    mfa.authenticator_removed.connect(authenticator_removed)
    mfa.authenticator_reset.connect(_recorder("account.recovery_codes_made"), weak=False)
