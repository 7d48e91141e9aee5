"""Exports under control: asked for, approved by a second person, written by a job, fetched, called back (SPEC 5.5)."""

import json
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.exports.rules import may_decide
from gonghui.kit.sealing import SealedRow, opened, opened_bytes
from gonghui.kit.states import Transitions, state_triggers
from gonghui.unions.models import Union

MAX_REASON = 200


class ExportState(models.TextChoices):
    """An export begins PENDING where a second person must approve, else BUILDING."""

    PENDING = "pending", "待批准"
    BUILDING = "building", "正在生成"
    READY = "ready", "可以下载"
    REFUSED = "refused", "不予批准"
    RECALLED = "recalled", "已收回"
    EXPIRED = "expired", "已过期"
    FAILED = "failed", "没有生成"


TRANSITIONS = Transitions(
    initial=[ExportState.PENDING, ExportState.BUILDING],
    following={
        ExportState.PENDING: [ExportState.BUILDING, ExportState.REFUSED, ExportState.RECALLED],
        ExportState.BUILDING: [ExportState.READY, ExportState.FAILED, ExportState.RECALLED],
        ExportState.READY: [ExportState.RECALLED, ExportState.EXPIRED],
        ExportState.REFUSED: [],
        ExportState.RECALLED: [],
        ExportState.EXPIRED: [],
        ExportState.FAILED: [],
    },
)

OPEN = [ExportState.PENDING, ExportState.BUILDING]
RECALLABLE = [*OPEN, ExportState.READY]


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: User) -> "ExportQuerySet":
        """Returns one's own, and those of the own union, of all below it, and those that it was asked to approve, for
        whoever may approve.
        """
        if user.union is None:
            return self.none()
        if not may_decide(user):
            return self.filter(by=user)
        if user.union.level == 1:
            return self
        return self.filter(Q(by=user) | Q(decides=user.union) | Q(union__in=Union.objects.visible_to(user)))


class Export(SealedRow):
    """One list for one person. ``second``: a second person decides, of the union ``decides``."""

    kind = models.TextField("名单")
    subject = models.TextField(blank=True, default="")  # of one kind, what may be asked for beside others
    title = models.TextField("内容")
    union = models.ForeignKey(Union, verbose_name="工会", on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(User, verbose_name="申请人", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField("申请时间", db_default=Now())
    purpose = models.TextField("用途", blank=True, default="")
    full = models.BooleanField("完整号码")
    columns = ArrayField(models.TextField(), verbose_name="列")
    what_sealed = models.BinaryField()  # what was searched for may be a name
    total = models.PositiveIntegerField("行数")  # approved; no more are written
    state = models.TextField("状态", choices=ExportState.choices)
    second = models.BooleanField("须他人批准")
    decides = models.ForeignKey(
        Union, verbose_name="批准的工会", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_by = models.ForeignKey(User, verbose_name="批准人", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("批准时间", null=True)
    opinion = models.TextField("意见", blank=True, default="")
    run = models.UUIDField(null=True)  # of two runs of the job the later one writes
    done = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField("写出的行数", default=0)
    ended_at = models.DateTimeField("生成时间", null=True)
    failure = models.TextField("没有生成的原因", blank=True, default="")
    fetched = models.PositiveIntegerField("下载次数", default=0)
    recalled_by = models.ForeignKey(User, verbose_name="收回人", null=True, on_delete=models.PROTECT, related_name="+")
    recalled_at = models.DateTimeField("收回时间", null=True)
    recalled_for = models.TextField("收回的原因", blank=True, default="")

    objects = ExportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state_known"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("by")), name="export_not_approved_by_oneself"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="export_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(second=False)
                | Q(state__in=[ExportState.PENDING, ExportState.RECALLED])
                | Q(decided_by__isnull=False),
                name="export_approved_by_a_second_person",
            ),
            models.CheckConstraint(condition=Q(second=False) | Q(full=True), name="export_second_if_full"),
            models.CheckConstraint(condition=Q(full=False) | ~Q(purpose=""), name="export_full_for_a_purpose"),
            models.CheckConstraint(
                condition=~Q(state=ExportState.REFUSED) | ~Q(opinion=""), name="export_refused_for_a_reason"
            ),
            models.CheckConstraint(
                condition=(~Q(state=ExportState.RECALLED) & Q(recalled_by=None, recalled_at=None))
                | Q(state=ExportState.RECALLED, recalled_by__isnull=False, recalled_at__isnull=False),
                name="export_recalled_whole",
            ),
            models.UniqueConstraint(
                "by", "kind", "subject", condition=Q(state__in=OPEN), name="export_one_open_a_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "subject", "by"], condition=~Q(subject=""), name="export_subject"),
            models.Index(fields=["union", "-id"], name="export_union"),
            models.Index(fields=["by", "-id"], name="export_by"),
            models.Index(fields=["decides", "at"], condition=Q(state=ExportState.PENDING), name="export_pending"),
            models.Index(fields=["ended_at"], condition=Q(state=ExportState.READY), name="export_ready"),
        ]
        triggers = state_triggers("state", TRANSITIONS)

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    @property
    def number(self) -> str:
        """As it stands in the sheet."""
        return f"DC{localdate(self.at):%Y%m%d}-{self.pk:06}"

    @property
    def told(self) -> dict[str, Any]:
        """``what`` was asked for, as its kind reads it, and the ``conditions`` in words."""
        return dict(json.loads(opened(self, "what_sealed")))

    @property
    def is_working(self) -> bool:
        return self.state == ExportState.BUILDING


class File(SealedRow):
    """The finished sheet, sealed, and whom it shows. Deleted when the export is called back, or a day after it."""

    export = models.OneToOneField(Export, on_delete=models.CASCADE, related_name="file")
    name = models.TextField("文件")
    size = models.PositiveIntegerField("字节数")
    digest = models.TextField("校验值（SM3）")
    people = ArrayField(models.BigIntegerField())
    content_sealed = models.BinaryField()

    def __str__(self) -> str:
        return self.name

    @property
    def content(self) -> bytes:
        return opened_bytes(self, "content_sealed")
