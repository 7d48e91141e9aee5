"""``load``: the whole of the demo's data in one transaction, the same at each first start of a day."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.privacy import accept_privacy, current_version
from gonghui.cards.figures import recount
from gonghui.demo_data import cast
from gonghui.demo_data.backdating import days_ago, happened, live
from gonghui.demo_data.bookings import bookings
from gonghui.demo_data.cards import cards
from gonghui.demo_data.circulars import circulars
from gonghui.demo_data.city.growing import Growth, Progress
from gonghui.demo_data.city.plan import Plan
from gonghui.demo_data.columns import columns
from gonghui.demo_data.corrections import corrections
from gonghui.demo_data.duplicates import duplicates
from gonghui.demo_data.employers import load_employers
from gonghui.demo_data.inspections import last_year, this_year
from gonghui.demo_data.people import make_user
from gonghui.demo_data.publishing import published
from gonghui.demo_data.stories import unfold
from gonghui.demo_data.transfers import moves
from gonghui.demo_data.yearbooks import close_years, yearbooks
from gonghui.filings.registration.actions import register_employer
from gonghui.notices.models import Notice
from gonghui.reviews.checking import check, unchecked
from gonghui.statistics.actions import count_months
from gonghui.statistics.closing import close_all
from gonghui.unions.loading import load_tree
from gonghui.unions.models import Union

BEGINNING = 700
"""Days ago the city set the platform up."""

READ_AFTER = timedelta(days=7)


FAVOURED = tuple({account.union for account in (*cast.SUPERIORS, *cast.OTHERS) if len(account.union) == 6})
"""Whose accounts the demo tells of."""


def load(
    city: str,
    plan: Plan | None = None,
    progress: Progress = lambda text: None,
    *,
    processes: int = 1,
    months: bool = True,
) -> bool:
    """Load everything; False where there are users or unions already. ``city`` is its name, such as 上海市.

    The story of forty unions comes first, by the platform's own actions; around it the city of ``plan``, if there is one.
    A small city comes with the story, in one transaction; the rest of a larger one in a second, by several processes.
    Without ``months`` the figures of past months are left to the worker, and there are no 年报, which are made of them.
    """
    if User.objects.exists() or Union.objects.exists():
        return False
    with transaction.atomic():
        _unfold(city)
        growth = Growth(plan, progress) if plan else None
        if growth is None or growth.whole:
            _count(growth, progress, months=months)
    if growth and not growth.whole:
        growth.rest(processes)
        _count(growth, progress, months=months)
    return True


def _unfold(city: str) -> None:
    with happened(days_ago(BEGINNING)):
        load_tree(city)
        load_employers()
        for account in (*cast.SUPERIORS, *cast.OTHERS):
            make_user(account.email, account.name, Union.objects.get(code=account.union), account.roles)
    stories = [unfold(number, story) for number, story in enumerate(cast.STORIES)]
    live(
        [
            *stories,
            _claim(),
            *published(),
            last_year(),
            this_year(),
            moves(),
            corrections(),
            duplicates(),
            columns(),
            cards(),
            bookings(),
            circulars(),
        ]
    )
    read_by = timezone.now() - READ_AFTER
    Notice.objects.filter(created_at__lt=read_by).update(read_at=read_by)
    for user in User.objects.all():  # today: the notice of now is younger than the story
        accept_privacy(user, current_version())


def _count(growth: Growth | None, progress: Progress, *, months: bool) -> None:
    """Everything that the platform counts or examines by the clock."""
    if growth:
        progress("counting")
        growth.close()
        recount()
    count_months()
    if months:
        progress("closing the past months")
        close_years()
        close_all()
        yearbooks()
    progress("examining what waits for a decision")
    while waiting := unchecked():
        check(waiting)


def _claim() -> Iterator[datetime]:
    """A newcomer of an employer that is on the platform: the claim waits for the street."""
    yield days_ago(2, hour=15)
    claimant = make_user(cast.CLAIMANT, "方晓雯")
    register_employer(claimant, name=cast.UNION_A.employer, registered_id=None)
