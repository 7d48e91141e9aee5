"""Known devices, on which an account has signed in before: guesses on other devices do not lock them out (SPEC 1.3).

A signed cookie has a random number of this device for each account that has signed in on it. Failures are counted by
account and number, apart from all other devices. The cookie gives no access: the password is always required. A mailed
link makes a new device known; only the owner of the mailbox can open it.
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
"""Maximum number of accounts that one device remembers: a shared computer has a few."""
_SALT = "gonghui.accounts.device"
_LINK_SALT = "gonghui.accounts.device-link"


def known_device(request: HttpRequest, email: str) -> str | None:
    """Returns this device's number for the account of ``email``, or None if the account has not signed in here before."""
    return _read(request).get(_account(email))


def remember(request: HttpRequest, response: HttpResponse, email: str, *, new_number: bool = False) -> None:
    """Makes this device known for the account, or extends that by another COOKIE_SECONDS.

    With ``new_number`` earlier failures on this device are not counted.
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
    """Returns the token of the mailed link: valid for LINK_SECONDS, and until the account has signed in."""
    return signing.dumps([user.pk, _state(user)], salt=_LINK_SALT)


def user_of(token: str) -> User | None:
    """Returns the account of the link; None when the token is expired, used, or forged."""
    try:
        pk, state = signing.loads(token, salt=_LINK_SALT, max_age=LINK_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user and constant_time_compare(state, _state(user)) else None


def _state(user: User) -> str:
    """Returns a hash that changes with the password and with each sign-in, so that a link works once."""
    return salted_hmac(_LINK_SALT, f"{user.password}{user.last_login}", algorithm="sha256").hexdigest()[:32]


def _read(request: HttpRequest) -> dict[str, str]:
    try:
        devices = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=_SALT, max_age=COOKIE_SECONDS
        )
    except signing.BadSignature:
        return {}
    return devices if isinstance(devices, dict) else {}


def _account(email: str) -> str:
    return crypto.fingerprint(f"device:{email}").hex()[:24]
