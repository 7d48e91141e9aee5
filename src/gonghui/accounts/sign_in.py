"""Limits of failed sign-ins: beyond a limit no password is checked (SPEC 1.3).

A try is counted before the password is checked and uncounted when it is right, so that parallel guesses cannot pass the
limit. A refused try is not counted. Failures on a known device count for that device only; all other devices share one
count for the account, and each network address has one count for all accounts. So an attacker locks out neither the
owner's known devices nor an office behind one address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from gonghui.accounts import limits
from gonghui.accounts.devices import known_device
from gonghui.accounts.limits import Limit
from gonghui.accounts.models import RateLimit, User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit import crypto
from gonghui.kit.documents import mask_email
from gonghui.kit.jobs import defer
from gonghui.kit.names import clean_email

verbs.register(account__locked="登录锁定")

MAX_FAILURES = 5
WINDOW = timedelta(minutes=15)
ACCOUNT = Limit("sign_in_account", MAX_FAILURES, WINDOW)
"""Limit of failures of one account on all unknown devices."""
DEVICE = Limit("sign_in_device", MAX_FAILURES, WINDOW)
"""Limit of failures of one account on one known device."""
ADDRESS = Limit("sign_in_address", 100, timedelta(hours=1))
"""Limit of failures from one network address for all accounts, on devices unknown to them."""
SECOND_FACTOR = Limit("second_factor", MAX_FAILURES, WINDOW)
"""Limit of wrong codes of one account after the right password."""
WARNING = Limit("sign_in_warning", 1, timedelta(days=1))
"""Limit of mails to one owner: an attacker must not fill the mailbox."""


class Locked(Exception):
    """No further try is possible before ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"locked until {until}")
        self.until = until


@dataclass(frozen=True)
class Attempt:
    """One counted try: its limits, each with its key."""

    email: str
    taken: Sequence[tuple[Limit, str]]
    last: tuple[Limit, str] | None
    """The limit of the account or the device, if this is its last try."""

    def succeeded(self) -> None:
        """Uncounts the try."""
        for limit, key in self.taken:
            limits.give_back(limit, key)

    def failed(self) -> None:
        """Leaves the try counted. The last try of a window records the lock, mails the owner, and raises Locked."""
        if self.last:
            _warn_owner(self.email)
            raise Locked(limits.used_up_until(*self.last) or timezone.now())


def begin(request: HttpRequest, email: str) -> Attempt:
    """Counts a try for ``email`` before its password is checked. Raises Locked when no try is left."""
    email = clean_email(email)
    if device := known_device(request, email):
        keyed_limits = [(DEVICE, f"{email} {device}")]
    else:
        keyed_limits = [(ACCOUNT, email), (ADDRESS, limits.by_address(request))]
    return _take(email, keyed_limits)


def begin_second_factor(user: User) -> Attempt:
    """As ``begin``, for a code of the second factor."""
    return _take(user.email, [(SECOND_FACTOR, str(user.pk))])


def _take(email: str, keyed_limits: Sequence[tuple[Limit, str]]) -> Attempt:
    counted: list[tuple[Limit, str]] = []
    last_try = None
    for limit, key in keyed_limits:
        number = limits.spend(limit, key, owner="" if limit is ADDRESS else email)
        if number is None:
            Attempt(email, counted, last=None).succeeded()
            raise Locked(limits.used_up_until(limit, key) or timezone.now())
        counted.append((limit, key))
        if limit is not ADDRESS and number == limit.times:
            last_try = limit, key
    return Attempt(email, counted, last_try)


def unlock(email: str) -> bool:
    """Deletes all failures of an account. Returns whether it was locked on any device."""
    locked = is_locked(email)
    limits.forget(email)
    return locked


def is_locked(email: str) -> bool:
    """Returns whether any device, or all unknown ones, are locked out of the account now."""
    rows = RateLimit.objects.filter(owner=crypto.fingerprint(email), ends_at__gt=timezone.now())
    return rows.filter(count__gte=MAX_FAILURES).exists()


def _warn_owner(email: str) -> None:
    """Mails by a job, whether there is such an account or not: the response time is the same."""
    from gonghui.accounts.tasks import warn_of_failures

    with transaction.atomic():
        user = User.objects.filter(email=email).first()
        record("account.locked", user, by=None, union=user.union if user else None, email=mask_email(email))
        defer(warn_of_failures, user_id=user.pk if user else None)
