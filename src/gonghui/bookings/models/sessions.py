"""Sessions, and the shares that their places are divided into (SPEC 6.3)."""

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.bookings.codes import Category
from gonghui.bookings.models.programmes import Programme, Venue
from gonghui.bookings.states import SESSION_TRANSITIONS, SessionState
from gonghui.kit.states import state_triggers
from gonghui.unions.models import Union


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: User) -> "SessionQuerySet":
        return self.filter(programme__in=Programme.objects.visible_to(user))


@history(exclude=["taken"])
class Session(models.Model):
    """A journey from one day to another, or a slot of a day of health checks, with its places.

    Its row is the lock of everything below it. The places are divided into shares: ``capacity`` and ``taken`` are the
    sums of theirs. ``taken`` counts the places that are held, one a person; it grows by the one conditional UPDATE of
    `places.taking` and is never above ``capacity``, which the database checks (ADR 41).
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="sessions", db_index=False)
    venue = models.ForeignKey(Venue, verbose_name="线路或地点", on_delete=models.PROTECT, related_name="sessions")
    begins_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    from_time = models.TimeField("开始时间", null=True)  # of a slot (体检)
    to_time = models.TimeField("结束时间", null=True)
    during = DateTimeRangeField(editable=False)  # of these four, by a trigger; in the site's time zone
    capacity = models.PositiveIntegerField("名额")
    taken = models.PositiveIntegerField("已占", default=0, db_default=0)
    state = models.TextField("状态", choices=SessionState.choices, default=SessionState.ON)
    cancelled_for = models.TextField("取消原因", blank=True, default="")

    objects = SessionQuerySet.as_manager()
    shares: Any
    places: Any

    class Meta:
        ordering = ["begins_on", "from_time", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="session_not_oversold"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="session_ends_after_it_began"),
            models.CheckConstraint(
                condition=Q(from_time=None, to_time=None)
                | Q(from_time__isnull=False, to_time__gt=F("from_time"), begins_on=F("ends_on")),
                name="session_slot_within_a_day",
            ),
            models.CheckConstraint(condition=Q(state__in=SessionState.values), name="session_state_known"),
            models.UniqueConstraint(
                "venue", "begins_on", "from_time", name="session_once", nulls_distinct=False,
                condition=Q(state=SessionState.ON),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["programme", "begins_on", "id"], name="session_programme")]
        triggers = [
            *state_triggers("state", SESSION_TRANSITIONS),
            pgtrigger.Trigger(
                name="during",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("begins_on", "ends_on", "from_time", "to_time"),
                declare=[("first", "timestamptz"), ("last", "timestamptz")],
                func="""
                    first := (NEW.begins_on + coalesce(NEW.from_time, '00:00')) AT TIME ZONE 'Asia/Shanghai';
                    last := (CASE WHEN NEW.to_time IS NULL THEN NEW.ends_on + 1 + time '00:00'
                        ELSE NEW.ends_on + NEW.to_time END) AT TIME ZONE 'Asia/Shanghai';
                    NEW.during := tstzrange(first, greatest(first, last), '[)');  -- the wrong order: a check refuses
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="places_follow",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("begins_on", "ends_on", "from_time", "to_time"),
                func="""
                    UPDATE bookings_place SET during = NEW.during
                        WHERE session_id = NEW.id AND during IS DISTINCT FROM NEW.during;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.venue} {self.when}"

    @property
    def when(self) -> str:
        """6月3日至6月7日, or 6月3日 08:00至08:30."""
        first = f"{self.begins_on.month}月{self.begins_on.day}日"
        if self.from_time and self.to_time:
            return f"{first} {self.from_time:%H:%M}至{self.to_time:%H:%M}"
        return first if self.begins_on == self.ends_on else f"{first}至{self.ends_on.month}月{self.ends_on.day}日"

    @property
    def days(self) -> int:
        return (self.ends_on - self.begins_on).days + 1

    @property
    def free(self) -> int:
        return self.capacity - self.taken


@history(exclude=["taken"])
class Share(models.Model):
    """A part of a session's places: of the common pool, of a district, bureau or street, or of a category.

    Every session has one common share. On ``held_until`` what is free of another share goes to the common one, and so
    does what becomes free in it later (``returned_at``).
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="shares", db_index=False)
    union = models.ForeignKey(
        Union, verbose_name="区、产业局或街镇", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    category = models.TextField("类别", choices=Category.choices, blank=True, default="")
    capacity = models.PositiveIntegerField("名额")
    taken = models.PositiveIntegerField("已占", default=0, db_default=0)
    held_until = models.DateTimeField("保留至", null=True)
    returned_at = models.DateTimeField("退回时间", null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="share_not_oversold"),
            models.CheckConstraint(condition=Q(union=None) | Q(category=""), name="share_of_union_or_category"),
            models.CheckConstraint(condition=Q(category__in=["", *Category.values]), name="share_category_known"),
            models.CheckConstraint(
                condition=Q(union__isnull=False) | ~Q(category="") | Q(held_until=None, returned_at=None),
                name="share_common_is_not_held",
            ),
            models.UniqueConstraint("session", "union", "category", name="share_once", nulls_distinct=False),
        ]
        indexes = [
            models.Index(
                fields=["held_until"],
                condition=Q(held_until__isnull=False, returned_at=None),
                name="share_to_return",
            )
        ]

    def __str__(self) -> str:
        return self.union.short_name if self.union else self.get_category_display() or "公共名额"

    @property
    def is_common(self) -> bool:
        return self.union_id is None and not self.category

    @property
    def free(self) -> int:
        return self.capacity - self.taken


class ShareMove(models.Model):
    """Places that were moved from one share of a session to another; ``origin`` or ``target`` is empty where the
    capacity of the session itself was raised or lowered."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="moves", db_index=False)
    origin = models.ForeignKey(Share, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    target = models.ForeignKey(Share, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    places = models.PositiveIntegerField("名额")
    reason = models.TextField("原因", blank=True, default="")
    by = models.ForeignKey(  # None: by the job
        User, verbose_name="操作人", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(places__gt=0), name="share_move_of_places"),
            models.CheckConstraint(
                condition=(Q(origin__isnull=False) | Q(target__isnull=False)) & ~Q(origin=F("target")),
                name="share_move_from_one_to_another",
            ),
        ]
        indexes = [models.Index(fields=["session", "-id"], name="share_move_session")]


class SessionReminder(models.Model):
    """The officers were reminded of a session so many days before: once."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+", db_index=False)
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint("session", "days", name="session_reminded_once")]
