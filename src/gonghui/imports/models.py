"""One uploaded workbook: stored (sealed), checked, queued, committed."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.imports.rules import kinds_seen
from gonghui.kit.excel import Problem
from gonghui.kit.sealing import SealedRow, opened_bytes
from gonghui.kit.states import Transitions, state_triggers
from gonghui.unions.models import Union


class ImportState(models.TextChoices):
    """The first two wait for the officer, to correct or to confirm. The next three are the job's (SPEC 3.4)."""

    INVALID = "checked", "校验未通过"
    AWAITING_CONFIRMATION = "sorted", "待确认"
    QUEUED = "queued", "处理中"
    DONE = "done", "导入成功"
    FAILED = "failed", "导入失败"
    DISCARDED = "discarded", "已放弃"
    UNDONE = "undone", "已撤销"


TRANSITIONS = Transitions(
    initial=[ImportState.INVALID, ImportState.AWAITING_CONFIRMATION, ImportState.QUEUED],
    following={
        ImportState.INVALID: [ImportState.AWAITING_CONFIRMATION, ImportState.QUEUED, ImportState.DISCARDED],
        ImportState.AWAITING_CONFIRMATION: [ImportState.INVALID, ImportState.QUEUED, ImportState.DISCARDED],
        ImportState.QUEUED: [ImportState.DONE, ImportState.FAILED],
        ImportState.DONE: [ImportState.UNDONE],
        ImportState.FAILED: [],
        ImportState.DISCARDED: [],
        ImportState.UNDONE: [],
    },
)


UNDO_WITHIN = timedelta(hours=24)
"""The time after its end in which an import may be undone (SPEC 3.4)."""


class BatchQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "BatchQuerySet":
        """Returns the imports of the user's own union, for users who may import. Superiors do not see them."""
        return self.filter(union=user.union_id, kind__in=kinds_seen(user))

    def light(self) -> "BatchQuerySet":
        """Defers the sealed file and problems, which may have megabytes."""
        return self.defer("file_sealed", "problems_sealed", "lines_sealed", "mends_sealed")


@history(exclude=["seal_id", "file_sealed", "problems_sealed", "lines_sealed", "mends_sealed", "rows_done"])
class Batch(SealedRow):
    """One uploaded workbook of one union and one kind."""

    kind = models.TextField()
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="imports")
    state = models.TextField("状态", choices=ImportState.choices)
    filename = models.TextField("文件")
    file_sealed = models.BinaryField(null=True)  # deleted 30 days after the upload, unless the batch is queued then
    problems_sealed = models.BinaryField(null=True)  # JSON list of kit.excel.Problem: it quotes cells
    problem_count = models.PositiveIntegerField("问题", default=0)
    lines_sealed = models.BinaryField(null=True)  # JSON of Plan.lines: people, masked
    group_counts = models.JSONField(default=dict)  # the number of rows of each group of the kind
    chosen = models.JSONField(default=list)  # the groups to import
    warning = models.TextField(blank=True, default="")
    unread = models.JSONField(default=list)  # [heading, key of the similar column] of each unread column
    found = models.JSONField(default=list)  # the keys of the columns that were read
    mends_sealed = models.BinaryField(null=True)  # edits.Edits: the officer's corrections on the page
    mended = models.PositiveIntegerField(default=0)  # the number of corrections: an older page changes nothing
    follows = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )  # the batch whose remaining rows it has
    rows_total = models.PositiveIntegerField("行数", default=0)
    rows_valid = models.PositiveIntegerField("可导入", default=0)
    rows_done = models.PositiveIntegerField("已处理", default=0)
    valid_only = models.BooleanField(default=False)  # the officer chose to import the valid rows first
    act = models.UUIDField(null=True)  # the act of what it has brought; null if it cannot be undone
    message = models.TextField("说明", blank=True, default="")
    uploaded_by = models.ForeignKey(User, verbose_name="上传人", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间", db_default=Now())
    ended_at = models.DateTimeField("完成时间", null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="batch_state_known"),
            models.UniqueConstraint("union", condition=Q(state=ImportState.QUEUED), name="batch_one_running_per_union"),
        ]
        indexes = [models.Index(fields=["union", "kind", "-id"], name="batch_union")]
        triggers = state_triggers("state", TRANSITIONS)

    def __str__(self) -> str:
        return self.filename

    @property
    def is_running(self) -> bool:
        return self.state == ImportState.QUEUED

    @property
    def undo_until(self) -> datetime | None:
        """The time until which a finished import may be undone."""
        return self.ended_at + UNDO_WITHIN if self.state == ImportState.DONE and self.act and self.ended_at else None

    @property
    def rows_wrong(self) -> int:
        return self.rows_total - self.rows_valid

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for the officer."""
        return self.state in {ImportState.INVALID, ImportState.AWAITING_CONFIRMATION}

    @property
    def lines(self) -> dict[str, list[list[Any]]]:
        """The listed rows of each group; they quote the officer's file."""
        return json.loads(opened_bytes(self, "lines_sealed") or "{}")

    @property
    def problems(self) -> list[Problem]:
        """The problems, by row; they quote cells of the officer's file."""
        return [Problem(*values) for values in json.loads(opened_bytes(self, "problems_sealed") or "[]")]
