"""Production orders: the files for the card maker, and the results (SPEC 4.4)."""

from collections.abc import Iterator

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.cards.states import (
    LINE_TRANSITIONS,
    ORDER_TRANSITIONS,
    RESULT_TRANSITIONS,
    LineState,
    OrderState,
    Purpose,
    ResultState,
)
from gonghui.kit.sealing import SealedRow, opened_bytes
from gonghui.kit.states import state_triggers


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: User) -> "OrderQuerySet":
        """Returns all rows for the city's card desk, none for other users (SPEC 5.4)."""
        return self.all() if user.is_platform_admin else self.none()


@history()
class Order(models.Model):
    """Approved applications of one purpose and kind, gathered into one file for the card maker.

    The built file is stored, sealed in parts, so that every export gives the same bytes.
    """

    day = models.DateField("订单日期", default=localdate)
    serial = models.PositiveIntegerField("当日序号")
    purpose = models.TextField("业务", choices=Purpose.choices)
    foreign = models.BooleanField("外籍人士", default=False)
    maker = models.TextField("制卡方")  # the format of the file (`makers`)
    state = models.TextField("状态", choices=OrderState.choices, default=OrderState.BUILDING)
    count = models.PositiveIntegerField("人数")  # at the time of gathering
    sent = models.PositiveIntegerField("文件行数", default=0)
    digest = models.TextField("校验值（SM3）", blank=True, default="")
    size = models.PositiveBigIntegerField("文件字节数", default=0)
    created_by = models.ForeignKey(
        User, verbose_name="创建人", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField("创建时间", db_default=Now())
    exported_by = models.ForeignKey(
        User, verbose_name="导出人", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    exported_at = models.DateTimeField("导出时间", null=True)
    ended_at = models.DateTimeField("完成时间", null=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OrderState.values), name="card_order_state_known"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="card_order_purpose_known"),
            models.CheckConstraint(condition=Q(serial__range=(1, 9999)), name="card_order_serial"),
            models.UniqueConstraint(fields=["day", "serial"], name="card_order_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=["building", "cancelled"]) | ~Q(digest=""), name="card_order_built_whole"
            ),
        ]
        triggers = state_triggers("state", ORDER_TRANSITIONS)

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """Twelve digits: the day, and the order's serial number of that day."""
        return f"{self.day:%Y%m%d}{self.serial:04}"

    @property
    def label(self) -> str:
        return f"外籍人士{self.get_purpose_display()}" if self.foreign else str(self.get_purpose_display())

    @property
    def is_building(self) -> bool:
        return self.state == OrderState.BUILDING


class PartQuerySet(models.QuerySet["Part"]):
    """Parts of one file."""

    def contents(self) -> Iterator[bytes]:
        """Yields the file, part by part, one in memory at a time."""
        for position in self.order_by("position").values_list("position", flat=True):
            yield opened_bytes(self.get(position=position), "content_sealed")


class SealedPart(SealedRow):
    """A part of a file: some thousand lines, sealed, because they are full personal data."""

    position = models.PositiveIntegerField()
    content_sealed = models.BinaryField()

    objects = PartQuerySet.as_manager()

    class Meta:
        abstract = True


class Part(SealedPart):
    """A part of an order's file."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="parts", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="card_part_once")]

    def __str__(self) -> str:
        return f"{self.order}: {self.position}"


class ResultFile(models.Model):
    """One received file, checked as a whole before it was queued."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="results", db_index=False)
    filename = models.TextField("文件")
    digest = models.TextField("校验值（SM3）")
    state = models.TextField("状态", choices=ResultState.choices, default=ResultState.READING)
    lines = models.PositiveIntegerField("行数")
    made = models.PositiveIntegerField("成功", default=0)
    failed = models.PositiveIntegerField("失败", default=0)
    known = models.PositiveIntegerField("已有结果", default=0)
    read_by = models.ForeignKey(User, verbose_name="读入人", on_delete=models.PROTECT, related_name="+", db_index=False)
    read_at = models.DateTimeField("读入时间", db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "digest"], name="card_result_once"),
            models.UniqueConstraint("order", condition=Q(state="reading"), name="card_result_one_at_a_time"),
        ]
        triggers = state_triggers("state", RESULT_TRANSITIONS)

    def __str__(self) -> str:
        return self.filename

    @property
    def is_reading(self) -> bool:
        return self.state == ResultState.READING


class ResultPart(SealedPart):
    """A part of a result file."""

    result = models.ForeignKey(ResultFile, on_delete=models.CASCADE, related_name="parts", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["result", "position"], name="card_result_part_once")]

    def __str__(self) -> str:
        return f"{self.result}: {self.position}"


class Line(models.Model):
    """One application in one order: its position in the file, and the card maker's answer."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines", db_index=False)
    application = models.ForeignKey("cards.Application", on_delete=models.PROTECT, related_name="lines")
    sequence = models.PositiveIntegerField("序号", null=True)  # null for a member who is not in the file
    state = models.TextField("结果", choices=LineState.choices, default=LineState.AWAITED)
    card_hash = models.BinaryField(max_length=32, null=True)
    failure = models.TextField("失败原因", blank=True, default="")
    result = models.ForeignKey(ResultFile, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "application"], name="card_line_once"),
            models.UniqueConstraint(fields=["order", "sequence"], name="card_line_sequence_once"),
            models.CheckConstraint(condition=Q(state__in=LineState.values), name="card_line_state_known"),
        ]
        indexes = [models.Index(fields=["order", "id"], name="card_line_order")]
        triggers = state_triggers("state", LINE_TRANSITIONS)

    def __str__(self) -> str:
        return f"{self.order}: {self.sequence}"
