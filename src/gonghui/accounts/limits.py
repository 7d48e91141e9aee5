"""Rate limits: one row for each key and window, which counts until the window ends (SPEC 1.3).

A window begins with the first try and has a fixed length. Counting is one statement. If the caller runs ``spend``
inside a larger transaction, the row is locked until its end, and a rollback loses the count.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db import connection
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from gonghui.accounts.models import RateLimit
from gonghui.audit.middleware import client_address
from gonghui.kit import crypto
from gonghui.kit.names import clean_email

SWEEP_ROWS = 2
"""Ended rows that each new row removes: so the table stays small."""


@dataclass(frozen=True)
class Limit:
    """At most ``times`` in ``window`` for one key."""

    name: str
    times: int
    window: timedelta


def spend(limit: Limit, key: str, *, owner: str = "") -> int | None:
    """Counts one try. Returns its number in the window, or None without counting when the limit is used up.

    ``owner`` is the e-mail by which ``forget`` finds the row. Parallel tries cannot exceed the limit.
    """
    values: dict[str, Any] = {"key": _stored(limit, key), "times": limit.times, "window": limit.window}
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, [SWEEP_ROWS])
        cursor.execute(_TAKE, values | {"owner": crypto.fingerprint(owner) if owner else None})
        row = cursor.fetchone()
    return row[0] if row else None


def give_back(limit: Limit, key: str) -> None:
    """Uncounts a try that did not fail."""
    RateLimit.objects.filter(key=_stored(limit, key), count__gt=0).update(count=F("count") - 1)


def used_up_until(limit: Limit, key: str) -> datetime | None:
    """Returns the end of the window of a used-up key; None while tries are left."""
    rows = RateLimit.objects.filter(key=_stored(limit, key), count__gte=limit.times, ends_at__gt=timezone.now())
    return rows.values_list("ends_at", flat=True).first()


def forget(owner: str) -> None:
    """Deletes all counts against an e-mail."""
    RateLimit.objects.filter(owner=crypto.fingerprint(owner)).delete()


def by_address(request: HttpRequest) -> str:
    """Returns the caller's network address; for IPv6 the /64 network, which one customer has (RFC 6177)."""
    text = client_address(request)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def by_user(request: HttpRequest) -> str:
    """Returns the signed-in account, or without one the network address."""
    return str(request.user.pk or by_address(request))


def by_email(request: HttpRequest) -> str:
    """Returns the e-mail that a form posts."""
    return clean_email(request.POST.get("email", ""))


View = Callable[..., HttpResponse]


def limited(
    limit: Limit, key: Callable[[HttpRequest], str] = by_address, *, method: str = "POST"
) -> Callable[[View], View]:
    """Decorator: counts requests of ``method``; above the limit the answer is 429 with the time to try again."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == method and spend(limit, key(request)) is None:
                return too_many(request, used_up_until(limit, key(request)))
            return view(request, *args, **kwargs)

        return counted

    return decorate


def too_many(
    request: HttpRequest, until: datetime | None, *, template: str = "429.html", email: str = ""
) -> HttpResponse:
    """429 with Retry-After in seconds; the template is given ``until`` and ``email``."""
    response = render(request, template, {"until": until, "email": email}, status=429)
    response["Retry-After"] = str(max(1, int((until - timezone.now()).total_seconds()))) if until else "60"
    return response


def _stored(limit: Limit, key: str) -> str:
    """Keys contain e-mails and addresses, so they are stored as keyed hashes."""
    return f"{limit.name}:{crypto.fingerprint(key).hex()}"


_table = RateLimit._meta.db_table

# statement_timestamp: inside a longer transaction now() does not advance.
_TAKE = f"""
INSERT INTO {_table} AS known (key, owner, count, ends_at)
VALUES (%(key)s, %(owner)s, 1, statement_timestamp() + %(window)s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN known.ends_at <= statement_timestamp() THEN 1 ELSE known.count + 1 END,
    ends_at = CASE WHEN known.ends_at <= statement_timestamp() THEN excluded.ends_at ELSE known.ends_at END
WHERE known.ends_at <= statement_timestamp() OR known.count < %(times)s
RETURNING count
"""  # noqa: S608 (a table's name)

# A row that another transaction has locked remains until the next sweep.
_SWEEP = f"""
DELETE FROM {_table} WHERE key IN (
    SELECT key FROM {_table} WHERE ends_at <= statement_timestamp()
    ORDER BY ends_at LIMIT %s FOR UPDATE SKIP LOCKED)
"""  # noqa: S608
