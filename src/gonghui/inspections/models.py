"""The annual inspection: windows of time in which unions confirm that their data is up to date (SPEC 2.6)."""

from datetime import date
from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.kit.sealing import SealedRow
from gonghui.unions.models import Person, Union

DEFAULT_BANNER = "请确认企业信息更新到最新，以确认年检"
DEADLINE = "{截止日期}"
MEMBERS_BANNER = f"请在{DEADLINE}前完成信息更新"
"""Of a members' window; the date follows the deadline, also when that is moved."""


class Subject(models.TextChoices):
    """What is inspected: the unions' particulars (SPEC 2.6), or their members (SPEC 3.9)."""

    ORGANISATIONS = "organisations", "组织年检"
    MEMBERS = "members", "会员年检"


class WindowState(models.TextChoices):
    """The state of a window today, computed from its dates and its early close."""

    PLANNED = "planned", "未开始"
    OPEN = "open", "进行中"
    ENDED = "ended", "已截止"
    CLOSED = "closed", "提前结束"


class WindowQuerySet(models.QuerySet):
    def visible_to(self, user: Person) -> "WindowQuerySet":
        """The city sees all; other users see those that reach their own union."""
        union = user.union
        if union is None:
            return self.none()
        return self if union.level == 1 else self.reaching(union)

    def reaching(self, union: Union) -> "WindowQuerySet":
        """Those whose scope the union lies in: 全市, or its district or bureau."""
        level2 = union.pk if union.level == 2 else union.level2_id
        scopes = Scope.objects.filter(Q(level2=None) | Q(level2=level2))
        return self.filter(pk__in=scopes.values("window"))

    def open(self) -> "WindowQuerySet":
        """Those in which one can confirm today."""
        today = localdate()
        return self.filter(closed_at=None, begins_on__lte=today, deadline__gte=today)

    def over(self) -> "WindowQuerySet":
        """Those in which one cannot confirm any more."""
        return self.filter(Q(deadline__lt=localdate()) | Q(closed_at__isnull=False))


@history()
class Window(models.Model):
    """The days in which the unions in scope confirm, both inclusive. Which unions: see Scope."""

    subject = models.TextField("类型", choices=Subject.choices, default=Subject.ORGANISATIONS)
    year = models.PositiveSmallIntegerField("年度")
    begins_on = models.DateField("开始日期")
    deadline = models.DateField("截止日期")
    banner = models.TextField("提示语", default=DEFAULT_BANNER)
    opened_by = models.ForeignKey(User, verbose_name="开启人", null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("开启时间", db_default=Now())
    closed_by = models.ForeignKey(User, verbose_name="结束人", null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField("结束时间", null=True)

    objects = WindowQuerySet.as_manager()
    scopes: Any  # the manager of its scopes

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(subject__in=Subject.values), name="window_subject_known"),
            models.CheckConstraint(condition=Q(deadline__gte=F("begins_on")), name="window_ends_after_it_began"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="scopes_follow",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("begins_on", "deadline", "closed_at"),
                func="""
                    UPDATE inspections_scope SET during = CASE WHEN NEW.closed_at IS NULL
                        THEN daterange(NEW.begins_on, NEW.deadline, '[]') ELSE 'empty'::daterange END
                        WHERE window_id = NEW.id;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.get_subject_display()}"

    @property
    def state(self) -> WindowState:
        today = localdate()
        if self.closed_at:
            return WindowState.CLOSED
        if today < self.begins_on:
            return WindowState.PLANNED
        return WindowState.OPEN if today <= self.deadline else WindowState.ENDED

    @property
    def banner_shown(self) -> str:
        """The banner with its date, such as 10月31日."""
        return self.banner.replace(DEADLINE, f"{self.deadline.month}月{self.deadline.day}日")

    @property
    def is_open(self) -> bool:
        return self.state == WindowState.OPEN

    @property
    def is_over(self) -> bool:
        return self.state in (WindowState.ENDED, WindowState.CLOSED)

    @property
    def days_left(self) -> int:
        """0 on the last day."""
        return (self.deadline - localdate()).days

    @property
    def last_day(self) -> date:
        """The last day on which one could confirm."""
        return min(self.deadline, localdate(self.closed_at)) if self.closed_at else self.deadline

    @property
    def level2_ids(self) -> list[int] | None:
        """The districts and bureaus in scope; None: the whole city."""
        ids = [scope.level2_id for scope in self.scopes.all()]
        return None if None in ids else ids

    @property
    def scope_label(self) -> str:
        """全市, or 杨浦区、上海市机电工会."""
        scopes = self.scopes.all()
        return "、".join(scope.level2.short_name if scope.level2 else "全市" for scope in scopes)


class Scope(models.Model):
    """One district or bureau that a window reaches; without one the whole city, with all districts and bureaus to come.

    ``subject`` and ``during`` repeat the window's (a trigger keeps ``during`` true, empty once the window was closed),
    so that the database itself lets no union have two windows of a subject on one day.
    """

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="scopes")
    level2 = models.ForeignKey(Union, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject = models.TextField()
    during = DateRangeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("window", "level2", name="scope_once", nulls_distinct=False),
            *(
                ExclusionConstraint(
                    name=f"scope_{subject}_one_window_at_a_time",
                    expressions=[
                        # of one district a range of one; of the whole city (NULL) the range without bounds
                        (Func(F("level2"), F("level2"), Value("[]"), function="int8range"), "&&"),
                        ("during", "&&"),
                    ],
                    condition=Q(subject=subject),
                )
                for subject in Subject.values
            ),
        ]


class ConfirmationQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ConfirmationQuerySet":
        return self.filter(union__in=Union.objects.visible_to(user))

    def standing(self) -> "ConfirmationQuerySet":
        """Those that count: not re-opened since."""
        return self.filter(reopened_at=None)


@history()
class Confirmation(models.Model):
    """An officer's word that the union's data is up to date, with a copy of it; once re-opened it stays as history."""

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="confirmations", db_index=False)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="confirmations", db_index=False)
    data = models.JSONField()  # as confirmed: unions.particulars with number … member_count, or the members' figures
    confirmed_by = models.ForeignKey(User, verbose_name="确认人", on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField("确认时间", db_default=Now())
    reopened_by = models.ForeignKey(
        User, verbose_name="重新打开人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reopened_at = models.DateTimeField("重新打开时间", null=True)
    reopened_for = models.TextField("重新打开的原因", blank=True, default="")

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("window", "union", condition=Q(reopened_at=None), name="confirmation_one_standing"),
            models.CheckConstraint(
                condition=Q(reopened_at=None, reopened_by=None, reopened_for="")
                | (Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~Q(reopened_for="")),
                name="confirmation_reopened_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["union", "-id"], name="confirmation_union"),
            models.Index(fields=["window", "-id"], name="confirmation_window"),
        ]

    def __str__(self) -> str:
        return f"{self.union}：{self.window}"


class MemberList(SealedRow):
    """The members as they were when their inspection was confirmed: a compressed, sealed list (members/check.py)."""

    confirmation = models.OneToOneField(Confirmation, on_delete=models.PROTECT, related_name="member_list")
    rows_sealed = models.BinaryField()

    def __str__(self) -> str:
        return str(self.confirmation)


class CoveredList(models.Model):
    """The 涵盖单位 as they were when the organisation's inspection was confirmed: code, name, head count of each."""

    confirmation = models.OneToOneField(Confirmation, on_delete=models.PROTECT, related_name="covered_list")
    employers = models.JSONField()

    def __str__(self) -> str:
        return str(self.confirmation)


class Reminder(models.Model):
    """A union was reminded (催办) on a day; once a day in all, by any user."""

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="+", db_index=False)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField("日期", default=localdate)
    sent_by = models.ForeignKey(User, verbose_name="催办人", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("window", "union", "day", name="reminder_once_a_day")]


class Mailing(models.Model):
    """One notification of all unions that have not confirmed: a job goes through them in batches, in the order of their ids.
    Of a window that has ended it goes through all unions, and what asked them to confirm asks no more.

    ``cursor`` is the last union notified, written with the notices of its batch: a repeated run notifies no union twice.
    """

    class Occasion(models.TextChoices):
        OPENED = "opened", "年检开始"
        EXTENDED = "extended", "截止日期延长"
        REMINDER = "reminder", "催办"
        ENDED = "ended", "年检结束"

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="mailings")
    node = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)  # all below it
    occasion = models.TextField(choices=Occasion.choices)
    sent_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")  # none: the system
    day = models.DateField(default=localdate)
    text = models.TextField(blank=True, default="")
    cursor = models.BigIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("window", condition=Q(occasion="opened"), name="mailing_opened_once"),
            models.UniqueConstraint(
                "window", "day", condition=Q(occasion="reminder", sent_by=None), name="mailing_own_reminder_once_a_day"
            ),
            models.UniqueConstraint(
                "window", "node", condition=Q(occasion="reminder", ended_at=None), name="mailing_one_running"
            ),
            models.UniqueConstraint(
                "window", condition=Q(occasion="ended", ended_at=None), name="mailing_one_ending_running"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.window}：{self.get_occasion_display()}"
