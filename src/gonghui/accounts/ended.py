"""An expired session: it gives no access, but proves for a day to which account it belonged.

Its row remains until the clean-up and its cookie in the browser, so that a form that was open too long can be stored
for the account (kept.py). After a sign-out or a new password there is no such proof: the row is deleted, or contains
another password's hash.
"""

import time
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from gonghui.accounts.models import User
from gonghui.accounts.sessions import SessionStore
from gonghui.accounts.sign_in_rules import rules_of

# A session's expiry is extended at most once a minute: a write for every page would cost more than the page.
REFRESH_SECONDS = 60

PROOF = timedelta(days=1)
"""Long enough for a page that is open in the evening and submitted in the morning."""


class SecondsLeft(NamedTuple):
    """Seconds until a session ends: if it is not used (idle), and if it is used all the time (whole)."""

    idle: int
    whole: int


def seconds_left(request: HttpRequest) -> SecondsLeft:
    """Returns the remaining time of the request's session; idle may be short by REFRESH_SECONDS."""
    rules, now = rules_of(request.user), int(time.time())
    until_sign_in_expires = request.session.get("began", now) + rules.session_hours * 3600 - now
    idle = max(rules.idle_minutes * 60 - REFRESH_SECONDS, REFRESH_SECONDS // 2)
    return SecondsLeft(min(idle, until_sign_in_expires), until_sign_in_expires)


def end_session(request: HttpRequest) -> None:
    """Expires the request's session, as after too long without use."""
    Session.objects.filter(pk=request.session.session_key).update(expire_date=timezone.now())
    request.session = SessionStore()
    request.user = AnonymousUser()


def ended_session(request: HttpRequest) -> Session | None:
    """Returns the session of the request's cookie, if it expired within the last day."""
    key, now = request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""), timezone.now()
    return Session.objects.filter(pk=key, expire_date__lte=now, expire_date__gt=now - PROOF).first() if key else None


def account_of_ended(request: HttpRequest) -> User | None:
    """Returns the account of the expired session, if it is still active and has the same password."""
    session = ended_session(request)
    if session is None:
        return None
    data = session.get_decoded()
    user = User.objects.filter(pk=data.get(SESSION_KEY) or 0, is_active=True).first()
    proved = user and constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    return user if proved else None
