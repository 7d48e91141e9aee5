"""Member service cards (SPEC 4): the batches of applications, and the cards."""

from datetime import date, timedelta

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.cards.models.orders import Order
from gonghui.cards.states import (
    APPLICATION_TRANSITIONS,
    BATCH_TRANSITIONS,
    CARD_TRANSITIONS,
    ENDED,
    ENDED_UNMADE,
    LIVE,
    MAKING,
    OPEN,
    UNFINISHED,
    ApplicationState,
    BatchState,
    CardState,
    Event,
    LineState,
    Purpose,
)
from gonghui.kit.documents import mask_number
from gonghui.kit.sealing import SealedRow, opened
from gonghui.kit.states import state_triggers
from gonghui.members.models import Member
from gonghui.reviews.models import Review
from gonghui.unions.models import Union

UNDO_DAYS = 7
"""Days within which the handing out of a card may be undone."""


class UnionCode(models.Model):
    """「9位工会组织机构代码」 of a union for the card maker (SPEC 4.2): its own, or a virtual one."""

    union = models.OneToOneField(Union, on_delete=models.PROTECT, primary_key=True, related_name="card_code")
    code = models.TextField("9位工会组织机构代码", unique=True)
    virtual = models.BooleanField("虚拟代码", default=False)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField("保存时间", auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9A-Z]{8}[0-9X]$"), name="union_code_of_nine"),
            models.CheckConstraint(
                condition=Q(virtual=True, code__startswith="PDY") | (Q(virtual=False) & ~Q(code__startswith="PDY")),
                name="union_code_virtual_by_range",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class AgreedName(models.Model):
    """「约定姓名」: the name on the card for a name that the card maker cannot print (SPEC 4.3).

    It is valid only for the name for which it was agreed: a member with a new name needs a new one.
    """

    member = models.OneToOneField(Member, on_delete=models.PROTECT, primary_key=True, related_name="agreed_name")
    for_name = models.TextField()
    name = models.TextField("约定姓名")
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    agreed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class CardBatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: User) -> "CardBatchQuerySet":
        """Returns the batches of the visible unions."""
        if user.union is None:
            return self.none()
        if user.union.is_grassroots:
            return self.filter(union=user.union)
        return self.filter(union__in=Union.objects.visible_to(user))


@history()
class Batch(models.Model):
    """One 「办卡批次」 of a union: members who apply for cards, or whose cards are reported lost or given back.

    ``state`` follows its applications (`card_states.refresh_batch_states`). One batch a day, union and kind makes
    cards; batches that were returned or withdrawn as a whole do not count.
    """

    union = models.ForeignKey(Union, verbose_name="工会", on_delete=models.PROTECT, related_name="card_batches")
    purpose = models.TextField("业务", choices=Purpose.choices, default=Purpose.NEW)
    foreign = models.BooleanField("外籍人士", default=False)
    day = models.DateField("批次日期", default=localdate)
    state = models.TextField("状态", choices=BatchState.choices, default=BatchState.PENDING)
    count = models.PositiveIntegerField("人数")
    code = models.TextField("9位工会组织机构代码")
    reason = models.TextField("原因", blank=True, default="")
    review = models.OneToOneField(Review, null=True, on_delete=models.PROTECT, related_name="card_batch")
    created_by = models.ForeignKey(
        User, verbose_name="经办人", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField("创建时间", db_default=Now())
    moved_at = models.DateTimeField("状态更新时间", db_default=Now())

    objects = CardBatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="card_batch_state_known"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="card_batch_purpose_known"),
            models.CheckConstraint(condition=Q(count__gt=0), name="card_batch_of_somebody"),
            models.UniqueConstraint(
                fields=["union", "day", "purpose", "foreign"],
                condition=Q(purpose__in=MAKING) & ~Q(state__in=ENDED_UNMADE),
                name="card_batch_one_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["union", "-id"], name="card_batch_union"),
            models.Index(fields=["moved_at", "id"], condition=~Q(state__in=ENDED), name="card_batch_under_way"),
        ]  # fmt: skip
        triggers = state_triggers("state", BATCH_TRANSITIONS)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.label}"

    @property
    def label(self) -> str:
        """「外籍人士新办」, 「补办」 …"""
        return f"外籍人士{self.get_purpose_display()}" if self.foreign else str(self.get_purpose_display())

    @property
    def makes_cards(self) -> bool:
        return self.purpose in MAKING

    @property
    def is_pending(self) -> bool:
        return self.state == BatchState.PENDING

    @property
    def state_label(self) -> str:
        """The label: a loss is not 「制卡中」 while the card maker processes it."""
        if self.state == BatchState.MAKING and not self.makes_cards:
            return "办理中"
        return "办理失败" if self.state == BatchState.FAILED and not self.makes_cards else self.get_state_display()


class CardQuerySet(models.QuerySet["Card"]):
    def visible_to(self, user: User) -> "CardQuerySet":
        """Returns the cards of the members that the user sees, also those made by another union."""
        if user.union is None:
            return self.none()
        if user.union.is_grassroots:
            return self.filter(union=user.union)
        return self.filter(union__in=Union.objects.visible_to(user))

    def live(self) -> "CardQuerySet":
        return self.filter(state__in=LIVE)


UNION_OF_MEMBER = pgtrigger.Trigger(
    name="union_of_member",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("member_id", "union_id"),
    # FOR SHARE: a member who is moving at the same time is read as afterwards.
    func="SELECT union_id INTO NEW.union_id FROM members_member WHERE id = NEW.member_id FOR SHARE; RETURN NEW;",
)
"""Whatever is written as a card's union, it is the member's."""


@history(exclude=["union"])
class Card(SealedRow):
    """One card. Its number is sealed; ``number_hash`` keeps it unique.

    ``union`` is the member's, kept here so that a union's cards are found without its members: written by the database
    (UNION_OF_MEMBER), and again when members move (`holders.actions.follow_members`).
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="cards")
    union = models.ForeignKey(
        Union, null=True, editable=False, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    number_sealed = models.BinaryField()
    number_hash = models.BinaryField(max_length=32, unique=True)
    printed_name = models.TextField("卡面姓名")
    foreign = models.BooleanField("外籍人士", default=False)
    state = models.TextField("卡状态", choices=CardState.choices, default=CardState.MADE)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    made_at = models.DateTimeField("制卡时间", db_default=Now())
    issued_at = models.DateTimeField("发放时间", null=True)
    issued_by = models.ForeignKey(
        User, verbose_name="发放人", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    lost_at = models.DateTimeField("挂失时间", null=True)
    ended_at = models.DateTimeField("失效时间", null=True)

    objects = CardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CardState.values), name="card_state_known"),
            models.UniqueConstraint("member", condition=Q(state__in=LIVE), name="card_one_live"),
            models.CheckConstraint(
                condition=Q(state__in=LIVE, ended_at=None) | (~Q(state__in=LIVE) & Q(ended_at__isnull=False)),
                name="card_ended_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=CardState.ISSUED) | Q(issued_at__isnull=False), name="card_issued_whole"
            ),
            models.CheckConstraint(condition=Q(issued_at=None) | Q(issued_by__isnull=False), name="card_issued_by"),
        ]
        indexes = [models.Index(fields=["union", "-id"], name="card_union")]
        triggers = [*state_triggers("state", CARD_TRANSITIONS), UNION_OF_MEMBER]

    def __str__(self) -> str:
        return f"{self.member.name} {self.masked_number}"

    @property
    def number(self) -> str:
        """The full number: only for a recorded disclosure or the card maker's file."""
        return opened(self, "number_sealed")

    @property
    def masked_number(self) -> str:
        return mask_number(self.number)


class ApplicationQuerySet(models.QuerySet["Application"]):
    def failed_in(self, order: Order) -> "ApplicationQuerySet":
        """Returns the failed applications of the order that have not been made since: they wait for another try."""
        failed = (LineState.FAILED, LineState.LEFT_OUT)
        return self.filter(lines__order=order, lines__state__in=failed, state=ApplicationState.FAILED)


@history()
class Application(models.Model):
    """One member in a batch, from the application to the handing out. ``card``: the made card, or the reported one.

    ``seen`` is a keyed hash of name, document and birth date as submitted: the data that the reviewer approves.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="applications", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="card_applications")
    purpose = models.TextField("业务", choices=Purpose.choices)
    state = models.TextField("状态", choices=ApplicationState.choices, default=ApplicationState.PENDING)
    printed_name = models.TextField("卡面姓名")
    seen = models.BinaryField(max_length=32)
    card = models.ForeignKey(Card, null=True, on_delete=models.PROTECT, related_name="applications")
    remark = models.TextField("说明", blank=True, default="")  # why it was refused or has failed, for example
    moved_at = models.DateTimeField("状态更新时间", db_default=Now())

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ApplicationState.values), name="card_application_state_known"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="card_application_purpose_known"),
            models.UniqueConstraint("member", condition=Q(state__in=OPEN), name="card_application_one_open"),
            models.UniqueConstraint(fields=["batch", "member"], name="card_application_once_a_batch"),
            models.CheckConstraint(
                condition=Q(card=None) | ~Q(purpose=Purpose.NEW) | Q(state__in=["made", "issued", "closed"]),
                name="card_application_new_has_none_before",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=MAKING) | Q(card__isnull=False), name="card_application_about_a_card"
            ),
        ]
        indexes = [
            models.Index(fields=["batch", "id"], name="card_application_batch"),
            # Few at any time: whose card waits to be made, is made, or waits to be handed out.
            models.Index(
                fields=["state", "batch"], condition=Q(state__in=UNFINISHED), name="card_application_under_way"
            ),
        ]
        triggers = state_triggers("state", APPLICATION_TRANSITIONS)

    def __str__(self) -> str:
        return str(self.member)

    @property
    def state_label(self) -> str:
        if self.state == ApplicationState.MAKING and self.purpose not in MAKING:
            return "办理中"
        return (
            "办理失败"
            if self.state == ApplicationState.FAILED and self.purpose not in MAKING
            else self.get_state_display()
        )

    @property
    def undo_until(self) -> date | None:
        """The last day on which the handing out may be undone."""
        if self.state != ApplicationState.ISSUED:
            return None
        return localdate(self.moved_at) + timedelta(days=UNDO_DAYS)


class Figure(models.Model):
    """The number of an event in a month, by level-3 superior: written in the transaction of the event."""

    superior = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField("月份")  # its first day
    event = models.TextField("事项", choices=Event.choices)
    count = models.PositiveIntegerField("人次", default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["superior", "month", "event"], name="card_figure_once"),
            models.CheckConstraint(condition=Q(event__in=Event.values), name="card_figure_event_known"),
        ]
        indexes = [models.Index(fields=["month"], name="card_figure_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.event}: {self.count}"
