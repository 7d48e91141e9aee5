"""One load of a register: the file in sealed pieces, its check, what is written, and how it ended (ADR 43); marks of employers."""

import json
from datetime import UTC, datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Now
from django.db.models.lookups import LessThanOrEqual

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.kit.excel import Problem
from gonghui.kit.sealing import SealedRow, opened_bytes
from gonghui.kit.states import Transitions, state_triggers
from gonghui.unions.models import RegisteredEmployer

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Register(models.TextChoices):
    EMPLOYERS = "employers", "大统计库"
    MEMBERS = "members", "会员库"


class LoadState(models.TextChoices):
    """UPLOADING and WAITING wait for an administrator; CHECKING and LOADING are the job's."""

    UPLOADING = "uploading", "上传中"
    CHECKING = "checking", "检查中"
    WAITING = "waiting", "待确认"
    LOADING = "loading", "载入中"
    DONE = "done", "已载入"
    FAILED = "failed", "没有载入"
    DISCARDED = "discarded", "已放弃"


TRANSITIONS = Transitions(
    initial=[LoadState.UPLOADING],
    following={
        LoadState.UPLOADING: [LoadState.CHECKING, LoadState.DISCARDED],
        # DONE: the register has everything that the file says
        LoadState.CHECKING: [LoadState.WAITING, LoadState.DONE, LoadState.FAILED],
        LoadState.WAITING: [LoadState.LOADING, LoadState.DISCARDED],
        LoadState.LOADING: [LoadState.DONE, LoadState.FAILED],
        LoadState.DONE: [],
        LoadState.FAILED: [],
        LoadState.DISCARDED: [],
    },
)

RUNNING = (LoadState.CHECKING, LoadState.LOADING)
OPEN = (LoadState.UPLOADING, LoadState.WAITING, *RUNNING)
"""The states of a load that keeps another one of the same register out."""


class Verdict(models.TextChoices):
    """What a good line would do to the register."""

    NEW = "n", "新增"
    CHANGED = "c", "变更"
    SAME = "s", "不变"
    ELSEWHERE = "e", "在工会中，不改"


class LoadQuerySet(models.QuerySet["Load"]):
    def light(self) -> "LoadQuerySet":
        """Without the problems, which may have a megabyte."""
        return self.defer("problems_sealed")


@history(exclude=["seal_id", "problems_sealed", "bytes_received", "rows_done", "touched_at"])
class Load(SealedRow):
    """One file that is loaded into a register. ``by`` is empty for the command line."""

    register = models.TextField("登记库", choices=Register.choices)
    state = models.TextField("状态", choices=LoadState.choices, default=LoadState.UPLOADING)
    filename = models.TextField("文件")
    size = models.PositiveBigIntegerField("文件大小")
    bytes_received = models.PositiveBigIntegerField(default=0)
    read_as = models.TextField("读作", blank=True, default="")  # 「CSV，GB 18030」
    notes = models.TextField("提示", blank=True, default="")
    rows_total = models.PositiveIntegerField("行数", default=0)
    rows_done = models.PositiveIntegerField("已处理", default=0)  # the last line that the running phase has finished
    rows_new = models.PositiveIntegerField("新增", default=0)
    rows_changed = models.PositiveIntegerField("变更", default=0)
    rows_same = models.PositiveIntegerField("不变", default=0)
    rows_elsewhere = models.PositiveIntegerField("在工会中", default=0)
    rows_wrong = models.PositiveIntegerField("有误", default=0)
    added = models.PositiveIntegerField("已新增", default=0)
    changed = models.PositiveIntegerField("已变更", default=0)
    problem_count = models.PositiveIntegerField("错误数", default=0)
    problems_sealed = models.BinaryField(null=True)  # JSON list of the first kit.excel.Problem: they quote cells
    message = models.TextField("说明", blank=True, default="")
    by = models.ForeignKey(User, verbose_name="操作人", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("开始时间", db_default=Now())
    touched_at = models.DateTimeField(db_default=Now())  # of the last piece that arrived
    ended_at = models.DateTimeField("完成时间", null=True)

    objects = LoadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(register__in=Register.values), name="load_register_known"),
            models.CheckConstraint(condition=Q(state__in=LoadState.values), name="load_state_known"),
            models.CheckConstraint(condition=Q(bytes_received__lte=F("size")), name="load_no_longer_than_told"),
            models.UniqueConstraint("register", condition=Q(state__in=OPEN), name="load_one_at_a_time"),
        ]
        indexes = [models.Index(fields=["register", "-id"], name="load_register")]
        triggers = state_triggers("state", TRANSITIONS)

    def __str__(self) -> str:
        return self.filename

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def who(self) -> str:
        return str(self.by) if self.by else "运维人员（命令行）"

    @property
    def problems(self) -> list[Problem]:
        """The first problems, by line."""
        return [Problem(*values) for values in json.loads(opened_bytes(self, "problems_sealed") or "[]")]


MAX_NOTE = 200


class Mark(models.TextChoices):
    """What a superior has found out about an employer without a union."""

    CONTACTED = "contacted", "已联系"
    UNFIT = "unfit", "不具备条件"


@history()
class EmployerMark(models.Model):
    """The mark of an employer of the statistical register: who says so, when and why. Loads leave it as it is.

    Taken back, the row goes; the history keeps it.
    """

    employer = models.OneToOneField(RegisteredEmployer, on_delete=models.CASCADE, related_name="mark")
    kind = models.TextField("标记", choices=Mark.choices)
    note = models.TextField("说明", blank=True, default="")
    by = models.ForeignKey(User, verbose_name="标记人", on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField("标记时间")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Mark.values), name="mark_kind_known"),
            models.CheckConstraint(condition=Q(kind=Mark.CONTACTED) | ~Q(note=""), name="mark_unfit_says_why"),
            models.CheckConstraint(condition=LessThanOrEqual(Length("note"), MAX_NOTE), name="mark_note_short"),
        ]
        indexes = [models.Index(fields=["kind", "employer"], name="mark_kind")]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def version(self) -> int:
        """What a page carries, so that nobody replaces a mark that he or she has not seen."""
        return (self.marked_at - _EPOCH) // timedelta(microseconds=1)


class Piece(SealedRow):
    """A piece of the uploaded file, deleted when its load has ended."""

    load = models.ForeignKey(Load, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    number = models.PositiveIntegerField()
    content_sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint("load", "number", name="piece_once")]

    def __str__(self) -> str:
        return f"{self.load_id}: {self.number}"


class Line(models.Model):
    """A good line of the file while its load is open: by its key the lines that repeat each other are found.

    ``key`` is the employer's code, or the keyed hash of a person's document. ``twin`` is another line with this key:
    then neither is loaded.
    """

    load = models.ForeignKey(Load, on_delete=models.CASCADE, related_name="lines", db_index=False, db_constraint=False)
    line = models.PositiveIntegerField()
    key = models.TextField()
    verdict = models.TextField(choices=Verdict.choices)
    twin = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("load", "line", name="line_once")]
        indexes = [models.Index(fields=["load", "line"], condition=Q(twin__isnull=False), name="line_repeated")]

    def __str__(self) -> str:
        return f"{self.load_id}: {self.line}"
