"""Which members have a card, wait for one or have none, and which unions have cards under way: conditions of lists."""

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from gonghui.cards.models import Application, Batch, Card
from gonghui.cards.states import ENDED, LIVE, MAKING, OPEN, ApplicationState, CardState
from gonghui.members.models import MemberQuerySet
from gonghui.unions.hooks import Condition
from gonghui.unions.models import Person, UnionQuerySet

NONE, HAD = "no", "yes"
UNDER_WAY = {
    "making": Q(state__in=OPEN, purpose__in=MAKING),
    "made": Q(state=ApplicationState.MADE, card__state=CardState.MADE),
}
"""Applications whose batch has not ended. They keep their members in the batch's union (`queries.holding_cards`)."""


def members_by_card(members: MemberQuerySet, standing: str, user: Person) -> MemberQuerySet:
    """Those without a card and none in the making, those whose card is in the making, or made and not handed out, or
    those with a live one.
    """
    if standing == HAD:
        return members.filter(Exists(Card.objects.filter(member=OuterRef("pk"), state__in=LIVE)))
    wanted = UNDER_WAY["making" if standing == NONE else standing]
    asked_for = Exists(Application.objects.filter(wanted, member=OuterRef("pk")))
    return members.filter(~asked_for, has_card=False) if standing == NONE else members.filter(asked_for)


def counts_by_card(unions: UnionQuerySet, standing: str) -> QuerySet | None:
    """Where those are whose card is under way, by their batches; None of the others, who are many."""
    if standing not in UNDER_WAY:
        return None
    batches = Batch.objects.exclude(state__in=ENDED).filter(union__in=unions)
    applications = Application.objects.filter(UNDER_WAY[standing], batch__in=batches)
    return applications.values(place=F("batch__union")).annotate(count=Count("pk")).values_list("place", "count")


def unions_by_batches(unions: UnionQuerySet, standing: str, user: Person) -> UnionQuerySet:
    """Those with a batch that has not ended, or without one."""
    under_way = Exists(Batch.objects.filter(union=OuterRef("pk")).exclude(state__in=ENDED))
    return unions.filter(under_way if standing == HAD else ~under_way)


CARD_OF_MEMBERS = Condition(
    "会员卡",
    {NONE: "未办卡", "making": "办理中", "made": "待发放", HAD: "已办卡"},
    members_by_card,
    counts_by_card,
)
BATCHES_OF_UNIONS = Condition("办卡批次", {HAD: "有未办结的", NONE: "没有未办结的"}, unions_by_batches)
