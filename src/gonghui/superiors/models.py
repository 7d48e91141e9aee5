"""What the city has changed in the tree of superior unions (SPEC 5.4)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.kit.states import Transitions, state_triggers
from gonghui.unions.models import Union


class Act(models.TextChoices):
    ADDED = "added", "新增"
    RENAMED = "renamed", "改名"
    MOVED = "moved", "调整上级"
    CLOSED = "closed", "撤销"


class ChangeState(models.TextChoices):
    RUNNING = "running", "正在办理"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"


CHANGE_TRANSITIONS = Transitions(
    initial=[ChangeState.RUNNING, ChangeState.DONE],
    following={
        ChangeState.RUNNING: [ChangeState.DONE, ChangeState.FAILED],
        ChangeState.DONE: [],
        ChangeState.FAILED: [],
    },
)


class TreeChange(models.Model):
    """One act on one superior union. A job carries out a move or a closing: it is RUNNING until then.

    The newest one of a union is also the version by which two administrators do not overwrite each other.
    """

    union = models.ForeignKey(Union, verbose_name="工会", on_delete=models.PROTECT, related_name="tree_changes")
    act = models.TextField("变动", choices=Act.choices)
    state = models.TextField("状态", choices=ChangeState.choices, default=ChangeState.DONE)
    old = models.TextField("变动前", blank=True, default="")
    new = models.TextField("变动后", blank=True, default="")
    other = models.ForeignKey(  # the new superior, or who takes over
        Union, verbose_name="新的上级或接收工会", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField("依据", blank=True, default="")
    figures = models.JSONField("变动时的情况", default=dict)  # label: count
    total = models.PositiveIntegerField("需要转交的工会", default=0)
    done = models.PositiveIntegerField("已转交的工会", default=0)
    message = models.TextField("说明", blank=True, default="")
    by = models.ForeignKey(User, verbose_name="操作人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间", db_default=Now())
    ended_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(act__in=Act.values), name="tree_change_act_known"),
            models.CheckConstraint(condition=Q(state__in=ChangeState.values), name="tree_change_state_known"),
            models.CheckConstraint(
                condition=~Q(act=Act.MOVED) | Q(other__isnull=False), name="tree_change_moved_somewhere"
            ),
            models.CheckConstraint(condition=~Q(other=models.F("union")), name="tree_change_never_to_itself"),
            models.UniqueConstraint(
                "union", condition=Q(state=ChangeState.RUNNING), name="tree_change_one_running_per_union"
            ),
        ]
        triggers = state_triggers("state", CHANGE_TRANSITIONS)

    def __str__(self) -> str:
        return f"{self.union}：{self.get_act_display()}"
