"""Members on their way: asked for, agreed to, refused, offered, fallen to the superior, gone for a week at most, retained."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.demo_data.backdating import days_ago
from gonghui.demo_data.cast import UNION_A, UNION_B, UNION_C
from gonghui.members.models import Member
from gonghui.members.retention.actions import retain
from gonghui.transfers.answers.actions import answer
from gonghui.transfers.departures.actions import release
from gonghui.transfers.models import Transfer
from gonghui.transfers.overdue.actions import settle_overdue
from gonghui.transfers.requests.actions import request_member

OVERDUE = 17
"""Days ago union B asked for what union A has not answered."""


def moves() -> Iterator[datetime]:
    """Yields the time of each act before it acts."""
    yield days_ago(40, hour=10)
    _released(UNION_C.email, 6, reason="left", note="外派期满。")
    yield days_ago(OVERDUE, hour=14)
    late = _asked(_of(UNION_A.email, 1))
    _due(late, OVERDUE)
    yield days_ago(6, hour=10)
    asked = _asked(_of(UNION_A.email, 6))
    _due(asked, 6)
    yield days_ago(5, hour=15)
    officer = _officer(UNION_A.email)
    answer([asked[0].pk, asked[1].pk], agree=True, opinion="已办理离职手续，同意转出。", by=officer)
    answer([asked[2].pk], agree=False, opinion="仍在我单位工作，劳动合同未到期。", by=officer)
    yield days_ago(3, hour=11)
    offered = _released(UNION_C.email, 2, to=UNION_A.email, note="调动到贵单位工作。")
    _due(offered, 3)
    yield days_ago(2, hour=16)
    _released(UNION_A.email, 2, reason="retired")
    yield days_ago(2, hour=17)
    _retained(UNION_A.email, 3, reason="unemployed")
    yield days_ago(1, hour=8)
    settle_overdue()


def _officer(email: str) -> User:
    return User.objects.select_related("union").get(email=email)


def _of(email: str, count: int) -> list[Member]:
    """Members of the officer's union without a request, the newest first."""
    waiting = Transfer.objects.waiting().values("member")
    return list(Member.objects.filter(union=_officer(email).union).exclude(pk__in=waiting).order_by("-pk")[:count])


def _asked(members: Sequence[Member]) -> list[Transfer]:
    """Union B asks for them, one by one."""
    by = _officer(UNION_B.email)
    assert by.union  # noqa: S101 (the demo's own)
    answers = [request_member(by.union, member.name, member.document_number, by=by) for member in members]
    return [one.transfer for one in answers if one.transfer]


def _released(email: str, count: int, *, to: str = "", reason: str = "", note: str = "") -> list[Transfer]:
    by = _officer(email)
    assert by.union  # noqa: S101
    ids = [one.pk for one in _of(email, count)]
    target = _officer(to).union if to else None
    return release(by.union, ids, to=target, reason=reason, note=note, by=by).done


def _retained(email: str, count: int, *, reason: str) -> None:
    by = _officer(email)
    assert by.union  # noqa: S101
    retain(by.union, [one.pk for one in _of(email, count)], reason=reason, on=localdate(days_ago(2)), by=by)


def _due(transfers: Sequence[Transfer], days: int) -> None:
    """The deadline runs from the day on which it was asked."""
    asked = Transfer.objects.filter(pk__in=[transfer.pk for transfer in transfers])
    asked.update(due_on=F("due_on") - timedelta(days=days))
