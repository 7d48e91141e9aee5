"""「组织机构代码导入会员」: the imports of a union, of which one is under way at most."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.kit.states import Transitions, state_triggers
from gonghui.reviews.models import Review
from gonghui.unions.models import Union


class CodeImportState(models.TextChoices):
    PENDING = "pending", "待审核"
    RUNNING = "running", "处理中"
    DONE = "done", "导入成功"
    REFUSED = "refused", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"
    FAILED = "failed", "导入失败"


CODE_IMPORT_TRANSITIONS = Transitions(
    initial=[CodeImportState.PENDING, CodeImportState.RUNNING],
    following={
        CodeImportState.PENDING: [CodeImportState.RUNNING, CodeImportState.REFUSED, CodeImportState.WITHDRAWN],
        CodeImportState.RUNNING: [CodeImportState.DONE, CodeImportState.FAILED],
        CodeImportState.DONE: [],
        CodeImportState.REFUSED: [],
        CodeImportState.WITHDRAWN: [],
        CodeImportState.FAILED: [],
    },
)


class CodeImport(models.Model):
    """One 「组织机构代码导入会员」: the requested people, the progress, and (for another employer's code) the review."""

    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.TextField("组织机构代码")
    state = models.TextField("导入状态", choices=CodeImportState.choices)
    chosen = ArrayField(models.BigIntegerField())  # members' ids, in the order of the import
    total = models.PositiveIntegerField("人数")
    looked_at = models.PositiveIntegerField(default=0)  # the number of people in ``chosen`` processed so far
    done = models.PositiveIntegerField("已导入", default=0)
    act = models.UUIDField()
    review = models.OneToOneField(Review, null=True, on_delete=models.PROTECT, related_name="code_import")
    message = models.TextField("说明", blank=True, default="")
    by = models.ForeignKey(User, verbose_name="操作人", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField("导入时间", db_default=Now())
    ended_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CodeImportState.values), name="code_import_state_known"),
            models.UniqueConstraint(
                "union", condition=Q(state__in=["pending", "running"]), name="code_import_one_per_union"
            ),
        ]
        indexes = [models.Index(fields=["union", "-id"], name="code_import_union")]
        triggers = state_triggers("state", CODE_IMPORT_TRANSITIONS)

    def __str__(self) -> str:
        return self.code

    @property
    def is_running(self) -> bool:
        return self.state == CodeImportState.RUNNING
