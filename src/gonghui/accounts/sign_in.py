"""What stands before every look at a password: failures are counted, and past a limit none is looked at (SPEC 1.3).

A try is counted before the password is looked at and given back when it was right, so that of any number of parallel
guesses none passes the limit. What is refused counts no further. Failures on a device that signed in before count for
that device alone; all other devices of the world share one count for the account, and each network address has one over
all accounts. So a guesser locks out neither the owner's own devices nor an office behind one address.
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
"""Failures of one account on all devices that never signed in to it."""
DEVICE = Limit("sign_in_device", MAX_FAILURES, WINDOW)
"""Failures of one account on one device that did."""
ADDRESS = Limit("sign_in_address", 100, timedelta(hours=1))
"""Failures from one network address over all accounts, on devices that signed in to none of them."""
SECOND_FACTOR = Limit("second_factor", MAX_FAILURES, WINDOW)
"""Wrong codes of one account, whose password was right."""
WARNING = Limit("sign_in_warning", 1, timedelta(days=1))
"""Mails to one owner: a guesser must not fill the mailbox."""


class Locked(Exception):
    """No further try before ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"locked until {until}")
        self.until = until


@dataclass(frozen=True)
class Attempt:
    """One try that has been counted: the limits it stands under, each with its key."""

    email: str
    taken: Sequence[tuple[Limit, str]]
    last: tuple[Limit, str] | None
    """The limit of the account or the device of which this is the last try."""

    def succeeded(self) -> None:
        """Uncount it."""
        for limit, key in self.taken:
            limits.give_back(limit, key)

    def failed(self) -> None:
        """Let it count. Raises Locked after the last one of a window, which is recorded, and the owner told by mail."""
        if self.last:
            _tell(self.email)
            raise Locked(limits.used_up_until(*self.last) or timezone.now())


def begin(request: HttpRequest, email: str) -> Attempt:
    """Count a try for ``email`` before its password is looked at. Raises Locked when there is none left."""
    email = clean_email(email)
    if device := known_device(request, email):
        wanted = [(DEVICE, f"{email} {device}")]
    else:
        wanted = [(ACCOUNT, email), (ADDRESS, limits.by_address(request))]
    return _take(email, wanted)


def begin_second_factor(user: User) -> Attempt:
    """As ``begin``, for a code of the second factor."""
    return _take(user.email, [(SECOND_FACTOR, str(user.pk))])


def _take(email: str, wanted: Sequence[tuple[Limit, str]]) -> Attempt:
    taken: list[tuple[Limit, str]] = []
    last = None
    for limit, key in wanted:
        number = limits.spend(limit, key, owner="" if limit is ADDRESS else email)
        if number is None:
            Attempt(email, taken, last=None).succeeded()
            raise Locked(limits.used_up_until(limit, key) or timezone.now())
        taken.append((limit, key))
        if limit is not ADDRESS and number == limit.times:
            last = limit, key
    return Attempt(email, taken, last)


def unlock(email: str) -> bool:
    """Forget all failures that count for an account. Returns whether it was locked anywhere."""
    locked = is_locked(email)
    limits.forget(email)
    return locked


def is_locked(email: str) -> bool:
    """Whether some device, or every new one, is shut out of the account just now."""
    rows = RateLimit.objects.filter(owner=crypto.fingerprint(email), ends_at__gt=timezone.now())
    return rows.filter(count__gte=MAX_FAILURES).exists()


def _tell(email: str) -> None:
    """By a job, whether there is such an account or not: the answer takes the same time."""
    from gonghui.accounts.tasks import warn_of_failures

    with transaction.atomic():
        user = User.objects.filter(email=email).first()
        record("account.locked", user, by=None, union=user.union if user else None, email=mask_email(email))
        defer(warn_of_failures, user_id=user.pk if user else None)
