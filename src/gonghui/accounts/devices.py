"""Devices from which an account signed in before: guesses of others do not shut them out (SPEC 1.3).

A signed cookie names, for each account that signed in here, a random number of this device. Failures are counted for
the account and that number, apart from those of all other devices. The cookie opens nothing: the password is asked for as
everywhere. On a new device a mailed link makes it known, which only who reads the account's mail can open.
After OWASP's "Slow Down Online Guessing Attacks with Device Cookies".
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from gonghui.accounts.models import User
from gonghui.kit import crypto

COOKIE_SECONDS = 180 * 24 * 3600
LINK_SECONDS = 3600
ACCOUNTS_KEPT = 10
"""Accounts that one device remembers: an office's shared computer has a few."""
_SALT = "gonghui.accounts.device"
_LINK_SALT = "gonghui.accounts.device-link"


def known_device(request: HttpRequest, email: str) -> str | None:
    """This device's number for the account of ``email``, or None where it has not signed in before."""
    return _read(request).get(_account(email))


def remember(request: HttpRequest, response: HttpResponse, email: str, *, new_number: bool = False) -> None:
    """Make this device known for the account, or keep it known for another COOKIE_SECONDS.

    With ``new_number`` the failures on this device until now no longer count.
    """
    devices = _read(request)
    number = devices.pop(_account(email), None)
    if number is None or new_number:
        number = secrets.token_urlsafe(12)
    newest = [*devices.items(), (_account(email), number)][-ACCOUNTS_KEPT:]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(dict(newest), salt=_SALT, compress=True),
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def link_token(user: User) -> str:
    """What the mailed link carries: good for LINK_SECONDS, and until the account has signed in."""
    return signing.dumps([user.pk, _state(user)], salt=_LINK_SALT)


def user_of(token: str) -> User | None:
    """Whose link it is; None when it is too old, used, or not ours."""
    try:
        pk, state = signing.loads(token, salt=_LINK_SALT, max_age=LINK_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user and constant_time_compare(state, _state(user)) else None


def _state(user: User) -> str:
    """Changes with the password and with each sign-in, so that a link is used once."""
    return salted_hmac(_LINK_SALT, f"{user.password}{user.last_login}", algorithm="sha256").hexdigest()[:32]


def _read(request: HttpRequest) -> dict[str, str]:
    try:
        found = signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=_SALT, max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def _account(email: str) -> str:
    return crypto.fingerprint(f"device:{email}").hex()[:24]
