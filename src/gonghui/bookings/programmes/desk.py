"""What waits for a publisher, on the front page and beside the menu's entry."""

from collections.abc import Iterator

from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse

from gonghui.accounts.hooks import WorkItem
from gonghui.accounts.models import User
from gonghui.bookings.models import PUBLISHING, Contest, Programme, SelfCheck
from gonghui.bookings.rules import can_publish
from gonghui.bookings.states import ContestState, ProgrammeState, SelfCheckState

_MENU = "bookings:programmes"


def work(user: User) -> Iterator[WorkItem]:
    """For ``accounts.hooks.worklist``: lots to draw, objections to 「未到」 and invoices of other hospitals to decide."""
    union = user.union
    if union is None or union.kind not in PUBLISHING:
        return
    mine = can_publish(user, union)
    to_draw = Programme.objects.filter(
        publisher=union,
        state=ProgrammeState.PUBLISHED,
        collects_until__lte=Now(),
        deadline__gt=Now(),
        draw__drawn_at=None,
    )
    yield WorkItem(
        label="报名收集截止，待抽签",
        rows=to_draw.order_by("collects_until", "pk"),
        since=F("collects_until"),
        menu=_MENU,
        url=f"{reverse(_MENU)}?phase=drawing",
        unit="个项目",
        button="抽签",
        mine=mine,
    )
    contests = Contest.objects.filter(state=ContestState.SUBMITTED, place__programme__publisher=union)
    yield WorkItem(
        label="对未到的异议待处理",
        rows=contests.order_by("at", "pk"),
        since=F("at"),
        menu=_MENU,
        url=reverse("bookings:contests"),
        mine=mine,
    )
    checks = SelfCheck.objects.filter(state=SelfCheckState.SUBMITTED, programme__publisher=union)
    yield WorkItem(
        label="外院自检待审核",
        rows=checks.order_by("at", "pk"),
        since=F("at"),
        menu=_MENU,
        url=reverse("bookings:self_check_desk"),
        mine=mine,
    )
