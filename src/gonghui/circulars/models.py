"""工作通知: what a superior union sends to the unions below it, and who has read it (SPEC 5.4)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.kit.states import Transitions, state_triggers
from gonghui.unions.models import Union

MAX_TITLE, MAX_BODY, MAX_REASON = 80, 5_000, 200


class CircularState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SENT = "sent", "已发送"
    RECALLED = "recalled", "已收回"
    DISCARDED = "discarded", "已作废"


CIRCULAR_TRANSITIONS = Transitions(
    initial=[CircularState.DRAFT],
    following={
        CircularState.DRAFT: [CircularState.SENT, CircularState.DISCARDED],
        CircularState.SENT: [CircularState.RECALLED],
        CircularState.RECALLED: [],
        CircularState.DISCARDED: [],
    },
)


class Depth(models.IntegerChoices):
    """How far down a circular goes: every level between gets it too, so that nobody is passed over."""

    LEVEL2 = 2, "区总工会和产业局工会"
    LEVEL3 = 3, "到街镇(开发区)和公司工会"
    GRASSROOTS = 4, "到基层工会"


class CircularQuerySet(models.QuerySet["Circular"]):
    def visible_to(self, user: User) -> "CircularQuerySet":
        """Returns those of the user's own union, and those sent to it or to unions below it."""
        if user.union is None:
            return self.none()
        sent = Receipt.objects.visible_to(user).filter(circular=models.OuterRef("pk"))
        received = Q(state__in=[CircularState.SENT, CircularState.RECALLED]) & Q(models.Exists(sent))
        return self.filter(Q(publisher=user.union) | received)


class Circular(models.Model):
    """One text for all unions below the publisher down to ``depth``, or only those below some ``branches``."""

    publisher = models.ForeignKey(
        Union, verbose_name="发送的工会", on_delete=models.PROTECT, related_name="circulars", db_index=False
    )
    title = models.TextField("标题")
    body = models.TextField("内容")
    depth = models.PositiveSmallIntegerField("发送范围", choices=Depth.choices, default=Depth.GRASSROOTS)
    branches = models.ManyToManyField(Union, verbose_name="只发给", blank=True, related_name="+")
    confirm = models.BooleanField("需要签收", default=False)
    due_on = models.DateField("签收截止日期", null=True)
    state = models.TextField("状态", choices=CircularState.choices, default=CircularState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey(User, verbose_name="起草人", on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("保存时间", db_default=Now())
    sent_by = models.ForeignKey(User, verbose_name="发送人", null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField("发送时间", null=True)
    recalled_by = models.ForeignKey(User, verbose_name="收回人", null=True, on_delete=models.PROTECT, related_name="+")
    recalled_at = models.DateTimeField("收回时间", null=True)
    recalled_for = models.TextField("收回的原因", blank=True, default="")
    total = models.PositiveIntegerField("应收工会", default=0)  # when it was sent

    objects = CircularQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CircularState.values), name="circular_state_known"),
            models.CheckConstraint(condition=Q(depth__in=Depth.values), name="circular_depth_known"),
            models.CheckConstraint(condition=Q(due_on=None) | Q(confirm=True), name="circular_due_if_to_be_confirmed"),
            models.CheckConstraint(
                condition=Q(state__in=[CircularState.DRAFT, CircularState.DISCARDED], sent_by=None, sent_at=None)
                | Q(
                    state__in=[CircularState.SENT, CircularState.RECALLED], sent_by__isnull=False, sent_at__isnull=False
                ),
                name="circular_sent_by_somebody",
            ),
            models.CheckConstraint(
                condition=(~Q(state=CircularState.RECALLED) & Q(recalled_by=None, recalled_at=None, recalled_for=""))
                | (
                    Q(state=CircularState.RECALLED, recalled_by__isnull=False, recalled_at__isnull=False)
                    & ~Q(recalled_for="")
                ),
                name="circular_recalled_whole",
            ),
        ]
        indexes = [models.Index(fields=["publisher", "-id"], name="circular_publisher")]
        triggers = state_triggers("state", CIRCULAR_TRANSITIONS)

    def __str__(self) -> str:
        return self.title

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < localdate()


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def visible_to(self, user: User) -> "ReceiptQuerySet":
        """Returns those of the user's own union and of all unions below it."""
        if user.union is None:
            return self.none()
        if user.union.is_grassroots:
            return self.filter(union=user.union)
        return self if user.union.level == 1 else self.filter(union__in=Union.objects.visible_to(user))

    def unread(self) -> "ReceiptQuerySet":
        return self.filter(read_at=None)

    def unconfirmed(self) -> "ReceiptQuerySet":
        """Of circulars that want it."""
        return self.filter(confirmed_at=None, circular__confirm=True)


class Receipt(models.Model):
    """One union that a circular was sent to: who of it was the first to open it, and who has confirmed it (签收).

    ``open`` until it is read, or confirmed where the circular wants that, or the circular is recalled.
    """

    circular = models.ForeignKey(Circular, on_delete=models.PROTECT, related_name="receipts", db_index=False)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    open = models.BooleanField(default=True)
    sent_at = models.DateTimeField("送达时间", db_default=Now())
    read_by = models.ForeignKey(User, verbose_name="阅读人", null=True, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField("阅读时间", null=True)
    confirmed_by = models.ForeignKey(User, verbose_name="签收人", null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField("签收时间", null=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("circular", "union", name="receipt_once"),
            models.CheckConstraint(
                condition=Q(read_at=None, read_by=None) | Q(read_at__isnull=False, read_by__isnull=False),
                name="receipt_read_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__gte=F("read_at"), confirmed_by__isnull=False, open=False),
                name="receipt_read_before_it_is_confirmed",
            ),
        ]
        indexes = [
            models.Index(fields=["union", "-id"], name="receipt_union"),
            models.Index(fields=["union"], condition=Q(open=True), name="receipt_open"),
            models.Index(fields=["circular", "union"], condition=Q(read_at=None), name="receipt_unread"),
            models.Index(fields=["circular", "union"], condition=Q(confirmed_at=None), name="receipt_unconfirmed"),
        ]

    def __str__(self) -> str:
        return f"{self.union}：{self.circular}"


class Occasion(models.TextChoices):
    SENT = "sent", "发送"
    REMINDER = "reminder", "催办"
    RECALLED = "recalled", "收回"


class Delivery(models.Model):
    """One way through all unions of a circular, which a job goes in batches, in the order of their ids.

    ``cursor`` is the last union, written with the notices of its batch: a repeated run notifies no union twice.
    """

    circular = models.ForeignKey(Circular, on_delete=models.PROTECT, related_name="deliveries")
    occasion = models.TextField(choices=Occasion.choices)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(default=localdate)
    cursor = models.BigIntegerField(default=0)
    reached = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    interrupted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(occasion__in=Occasion.values), name="delivery_occasion_known"),
            models.CheckConstraint(
                condition=Q(interrupted=False) | Q(ended_at__isnull=False), name="delivery_interrupted_is_over"
            ),
            models.UniqueConstraint("circular", "occasion", condition=Q(ended_at=None), name="delivery_one_running"),
            models.UniqueConstraint(
                "circular",
                "day",
                condition=Q(occasion=Occasion.REMINDER, interrupted=False),
                name="delivery_reminder_once_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.circular}：{self.get_occasion_display()}"
