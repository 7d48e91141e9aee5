"""Reads that several places share."""

from collections.abc import Iterator

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from gonghui.bookings.models import Programme, Session
from gonghui.bookings.places.notifications import OFFER
from gonghui.bookings.self_checks.notifications import WAITING
from gonghui.bookings.sentences import BOOKED, SELF_CHECK_DESK
from gonghui.bookings.states import HOLDING, ProgrammeState
from gonghui.notices.hooks import TaskKind
from gonghui.unions.models import Union


def task_kinds() -> list[TaskKind]:
    """Notices that ask for an answer to an offer, or for a decision about a check at another hospital."""
    return [
        TaskKind(OFFER, "候补名额待确认", BOOKED),
        TaskKind(WAITING, "外院自检待审核", SELF_CHECK_DESK),
    ]


def own_programmes(union: Union, successor: Union | None) -> Iterator[str]:
    """What a district or bureau has published and is not over, for ``superiors.hooks.unfinished``."""
    published = Programme.objects.filter(publisher=union, state=ProgrammeState.PUBLISHED)
    if count := published.exclude(ends_on__lt=localdate()).count():
        yield f"它发布的疗休养、体检项目有 {count} 个还没有结束"


def wrong_counts() -> list[int]:
    """The sessions whose numbers are not those of their people, or of their shares."""
    held = Count("places", filter=Q(places__state__in=HOLDING))
    by_people = Session.objects.annotate(held=held).exclude(held=F("taken"))
    by_shares = Session.objects.annotate(
        of_shares=Coalesce(Sum("shares__taken"), 0), room=Coalesce(Sum("shares__capacity"), 0)
    ).exclude(of_shares=F("taken"), room=F("capacity"))
    return sorted({*by_people.values_list("pk", flat=True), *by_shares.values_list("pk", flat=True)})
