"""Programmes, and what belongs to each: funds, rules, venues, announcements (SPEC 6.1, 6.2)."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.bookings.codes import (
    Allocation,
    FundSource,
    Kind,
    LargeGroups,
    NoShow,
    RuleKind,
    WhenMoving,
)
from gonghui.bookings.states import PROGRAMME_TRANSITIONS, Phase, ProgrammeState
from gonghui.kit.states import state_triggers
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

PUBLISHING = (UnionKind.CITY, UnionKind.DISTRICT, UnionKind.BUREAU)
"""The kinds of union that publish programmes."""


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def visible_to(self, user: User) -> "ProgrammeQuerySet":
        """Those of the user's union; and what the unions above it have published, for the city of all below it."""
        union = user.union
        if union is None:
            return self.none()
        own = Q(publisher=union)
        if union.kind == UnionKind.CITY:
            return self.filter(own | ~Q(state=ProgrammeState.DRAFT))
        above = Q(publisher__kind=UnionKind.CITY) | Q(publisher=union.level2_id)
        return self.filter(own | (above & ~Q(state=ProgrammeState.DRAFT) & Q(publishes_at__lte=Now())))

    def bookable(self) -> "ProgrammeQuerySet":
        """Those in which one can book now, by the database's clock."""
        last = models.functions.Coalesce("collects_until", "deadline")
        return self.alias(last=last).filter(state=ProgrammeState.PUBLISHED, opens_at__lte=Now(), last__gt=Now())


@history()
class Programme(models.Model):
    """What a city, district or bureau offers to members: a journey for recuperation, a health check, a screening.

    ``state`` is what somebody has decided, `phase` where the programme is now. Times are compared with the server's
    clock, to the second. ``begins_on`` and ``ends_on`` repeat the sessions' first and last day.
    """

    kind = models.TextField("类型", choices=Kind.choices)
    publisher = models.ForeignKey(
        Union, verbose_name="发布工会", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    title = models.TextField("名称")
    text = models.TextField("说明", blank=True, default="")
    contact = models.TextField("咨询方式", blank=True, default="")
    state = models.TextField("状态", choices=ProgrammeState.choices, default=ProgrammeState.DRAFT)
    allocation = models.TextField("名额分配", choices=Allocation.choices, default=Allocation.FIRST_COME)
    publishes_at = models.DateTimeField("发布时间", null=True)
    opens_at = models.DateTimeField("报名开始时间", null=True)
    collects_until = models.DateTimeField("报名收集截止时间", null=True)
    """Of a draw alone: until then bookings are collected."""
    deadline = models.DateTimeField("截止时间", null=True)
    """Until then one books, withdraws freely, and is offered places that have become free."""
    offer_hours = models.PositiveSmallIntegerField("候补确认时限（小时）", default=24)
    guests_max = models.PositiveSmallIntegerField("每名会员可带家属人数", default=0)
    guest_price = models.DecimalField("家属费用（元）", max_digits=10, decimal_places=2, null=True)
    price = models.DecimalField("每人费用（元）", max_digits=10, decimal_places=2, default=0)
    when_moving = models.TextField("会员转出时", choices=WhenMoving.choices, default=WhenMoving.FOLLOW)
    no_show = models.TextField("未到的处理", choices=NoShow.choices, default=NoShow.NONE)
    no_show_years = models.PositiveSmallIntegerField("不得报名的年数", null=True)
    large_groups = models.TextField("团体候补", choices=LargeGroups.choices, default=LargeGroups.HELD)
    tiers = models.JSONField("抽签的优先次序", default=list)  # [{"kind": Tier, "years": n}], checked by draws/tiers.py
    self_check_price = models.DecimalField("外院自检报销上限（元）", max_digits=10, decimal_places=2, null=True)
    begins_on = models.DateField("最早开始日期", null=True, editable=False)
    ends_on = models.DateField("最晚结束日期", null=True, editable=False)
    created_by = models.ForeignKey(
        User, verbose_name="创建人", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField("创建时间", db_default=Now())
    published_by = models.ForeignKey(
        User, verbose_name="发布人", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    cancelled_for = models.TextField("取消原因", blank=True, default="")
    cancelled_at = models.DateTimeField("取消时间", null=True)
    survey_asked_at = models.DateTimeField(null=True)  # until it is counted
    survey = models.JSONField(null=True)  # eligibility.actions: who could come, as counted last

    objects = ProgrammeQuerySet.as_manager()
    sessions: Any
    rules: Any
    funds: Any
    draw: Any
    pictures: Any
    documents: Any

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="programme_kind_known"),
            models.CheckConstraint(condition=Q(state__in=ProgrammeState.values), name="programme_state_known"),
            models.CheckConstraint(condition=Q(deadline__gt=F("opens_at")), name="programme_ends_after_it_opens"),
            models.CheckConstraint(
                condition=Q(collects_until__gt=F("opens_at"), collects_until__lte=F("deadline")),
                name="programme_collects_before_the_deadline",
            ),
            models.CheckConstraint(
                condition=Q(state=ProgrammeState.DRAFT)
                | Q(
                    publishes_at__isnull=False,
                    opens_at__isnull=False,
                    deadline__isnull=False,
                    published_by__isnull=False,
                ),
                name="programme_published_has_times",
            ),
            models.CheckConstraint(
                condition=Q(state=ProgrammeState.DRAFT)
                | Q(allocation=Allocation.FIRST_COME, collects_until=None)
                | Q(allocation=Allocation.DRAW, collects_until__isnull=False),
                name="programme_draw_collects",
            ),
            models.CheckConstraint(
                condition=Q(no_show=NoShow.BARRED, no_show_years__gte=1)
                | (~Q(no_show=NoShow.BARRED) & Q(no_show_years=None)),
                name="programme_barred_for_years",
            ),
            models.CheckConstraint(condition=Q(offer_hours__range=(1, 720)), name="programme_offer_hours_in_range"),
            models.CheckConstraint(condition=Q(guests_max__lte=9), name="programme_guests_in_range"),
            models.CheckConstraint(condition=Q(price__gte=0), name="programme_price_not_negative"),
            models.CheckConstraint(
                condition=Q(state=ProgrammeState.CANCELLED, cancelled_at__isnull=False) & ~Q(cancelled_for="")
                | (~Q(state=ProgrammeState.CANCELLED) & Q(cancelled_at=None, cancelled_for="")),
                name="programme_cancelled_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["publisher", "-id"], name="programme_publisher"),
            models.Index(fields=["deadline"], condition=Q(state=ProgrammeState.PUBLISHED), name="programme_deadline"),
        ]
        triggers = state_triggers("state", PROGRAMME_TRANSITIONS)

    def __str__(self) -> str:
        return self.title

    @property
    def phase(self) -> Phase:
        return self.phase_at(timezone.now())

    def phase_at(self, now: datetime) -> Phase:
        """Where the programme is at this time."""
        if self.state != ProgrammeState.PUBLISHED:
            return Phase.DRAFT if self.state == ProgrammeState.DRAFT else Phase.CANCELLED
        today = localdate(now)
        if self.ends_on and today > self.ends_on:
            return Phase.ENDED
        if self.begins_on and today >= self.begins_on:
            return Phase.RUNNING
        begun = (
            (self.deadline, Phase.CLOSED),
            (self.collects_until, Phase.DRAWING),
            (self.opens_at, Phase.OPEN),
            (self.publishes_at, Phase.PUBLISHED),
        )
        return next((phase for time, phase in begun if time and now >= time), Phase.PLANNED)

    @property
    def is_draw(self) -> bool:
        return self.allocation == Allocation.DRAW

    @property
    def takes_self_checks(self) -> bool:
        """Whether a member may go to another hospital and hand in the invoice (外院自检)."""
        return self.kind == Kind.CHECKUP and self.self_check_price is not None

    @property
    def books_until(self) -> datetime | None:
        """Until when one can book: of a draw, until the bookings are no longer collected."""
        return self.collects_until or self.deadline


class Fund(models.Model):
    """What a source pays for each person."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="funds", db_index=False)
    source = models.TextField("经费来源", choices=FundSource.choices)
    amount = models.DecimalField("每人金额（元）", max_digits=10, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint("programme", "source", name="fund_source_once"),
            models.CheckConstraint(condition=Q(source__in=FundSource.values), name="fund_source_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="fund_amount_positive"),
        ]


class EligibilityRule(models.Model):
    """One condition that everybody booked has to meet. Its parameters are checked by `eligibility/kinds.py`."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="rules", db_index=False)
    order = models.PositiveSmallIntegerField("次序", default=0)
    kind = models.TextField("条件", choices=RuleKind.choices)
    parameters = models.JSONField("参数", default=dict)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RuleKind.values), name="rule_kind_known"),
            models.UniqueConstraint("programme", "kind", name="rule_kind_once"),
        ]


class Provider(models.Model):
    """A 体检机构 (or travel agency), whose accounts see the roster of their days; of no union."""

    name = models.TextField("机构名称", unique=True)
    accounts = models.ManyToManyField(User, related_name="providers", db_table="bookings_provideraccount")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField("创建时间", db_default=Now())

    def __str__(self) -> str:
        return self.name


class Venue(models.Model):
    """A route of a journey (线路), or the place of a health check (地点)."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="venues")
    name = models.TextField("线路或地点")
    text = models.TextField("介绍", blank=True, default="")
    address = models.TextField("地址", blank=True, default="")
    provider = models.ForeignKey(
        Provider, verbose_name="承办机构", null=True, on_delete=models.PROTECT, related_name="venues"
    )

    class Meta:
        constraints = [models.UniqueConstraint("programme", "name", name="venue_name_once")]

    def __str__(self) -> str:
        return self.name


class Package(models.Model):
    """What is examined (体检套餐), by sex, age and, where that matters, marriage."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="packages")
    name = models.TextField("套餐名称")
    text = models.TextField("项目", blank=True, default="")
    sexes = ArrayField(models.TextField(), default=list)  # of members.codes.Sex; none: everybody
    age_from = models.PositiveSmallIntegerField("年龄从", null=True)
    age_to = models.PositiveSmallIntegerField("年龄到", null=True)
    married = models.BooleanField("仅限已婚或未婚", null=True)  # None: it does not matter, and is not asked

    class Meta:
        constraints = [
            models.UniqueConstraint("programme", "name", name="package_name_once"),
            models.CheckConstraint(condition=Q(age_to__gte=F("age_from")), name="package_ages_in_order"),
        ]

    def __str__(self) -> str:
        return self.name


class Announcement(models.Model):
    """A change of what was published, or a cancellation: a job notifies the officers of everybody booked, once.

    ``told_at`` is written with the notices, so that a repeated run notifies nobody twice.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="announcements")
    session = models.ForeignKey("Session", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.TextField("标题")
    body = models.TextField("内容")
    unions = ArrayField(models.BigIntegerField(), default=list)  # whose officers
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField("时间", db_default=Now())
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(told_at=None), name="announcement_to_tell")]

    def __str__(self) -> str:
        return self.title
