"""年报: the city's table of a year, each superior union's sheet of it, and what was signed (SPEC 5.3, ADR 62)."""

from datetime import date
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.kit.states import Transitions, state_triggers
from gonghui.statistics.models import COUNTS
from gonghui.unions.models import Union

MAX_TITLE, MAX_LABEL, MAX_EXPLANATION, MAX_REASON = 60, 30, 200, 200
MAX_LINES = 40
MAX_TOLERANCE = 1_000
MAX_VALUE = 2_000_000_000


class YearbookState(models.TextChoices):
    DRAFT = "draft", "草稿"
    OPEN = "open", "已开启"


YEARBOOK_TRANSITIONS = Transitions(
    initial=[YearbookState.DRAFT],
    following={YearbookState.DRAFT: [YearbookState.OPEN], YearbookState.OPEN: []},
)


class YearbookQuerySet(models.QuerySet["Yearbook"]):
    def visible_to(self, user: User) -> "YearbookQuerySet":
        """Returns the open ones, to superior unions; drafts to the city alone."""
        if user.union is None or user.union.is_grassroots:
            return self.none()
        return self if user.union.level == 1 else self.filter(state=YearbookState.OPEN)


class Yearbook(models.Model):
    """The table of a year, as of its 31 December. Once it is open, no line of it changes."""

    year = models.PositiveSmallIntegerField("年度", unique=True)
    title = models.TextField("标题")
    state = models.TextField("状态", choices=YearbookState.choices, default=YearbookState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey(User, verbose_name="制定人", on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("保存时间", db_default=Now())
    opened_by = models.ForeignKey(User, verbose_name="开启人", null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("开启时间", null=True)

    objects = YearbookQuerySet.as_manager()
    lines: Any  # the manager of its lines

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=YearbookState.values), name="yearbook_state_known"),
            models.CheckConstraint(
                condition=Q(state=YearbookState.DRAFT, opened_by=None, opened_at=None)
                | Q(state=YearbookState.OPEN, opened_by__isnull=False, opened_at__isnull=False),
                name="yearbook_opened_by_somebody",
            ),
        ]
        triggers = state_triggers("state", YEARBOOK_TRANSITIONS)

    def __str__(self) -> str:
        return self.title

    @property
    def day(self) -> date:
        return date(self.year, 12, 31)

    @property
    def is_open(self) -> bool:
        return self.state == YearbookState.OPEN


class Line(models.Model):
    """A line of the table: a measure of the closed figures, or "" for a number that is asked.

    It may be no more than ``at_most``, another line; ``tolerance`` is by how many per cent it may differ from last year
    without a word.
    """

    yearbook = models.ForeignKey(Yearbook, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField("行次")
    label = models.TextField("项目")
    measure = models.TextField("取数", blank=True, default="")
    at_most = models.ForeignKey("self", verbose_name="不大于", null=True, on_delete=models.CASCADE, related_name="+")
    tolerance = models.PositiveSmallIntegerField("允许变动", null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("yearbook", "position", name="yearbook_line_once"),
            models.UniqueConstraint("yearbook", "label", name="yearbook_line_label_once"),
            models.CheckConstraint(condition=Q(measure__in=["", *COUNTS]), name="yearbook_line_measure_known"),
            models.CheckConstraint(
                condition=Q(at_most=None) | ~Q(at_most=F("id")), name="yearbook_line_not_more_than_another"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="line_stays_as_opened",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF EXISTS (
                        SELECT 1 FROM yearbooks_yearbook
                        WHERE id IN (NEW.yearbook_id, OLD.yearbook_id) AND state = 'open'
                    ) THEN
                        RAISE EXCEPTION 'the table of an open year does not change'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'yearbook_line_stays_as_opened';
                    END IF;
                    RETURN coalesce(NEW, OLD);
                """,
            )
        ]

    def __str__(self) -> str:
        return f"第 {self.position} 行“{self.label}”"

    @property
    def is_asked(self) -> bool:
        return not self.measure


class SheetState(models.TextChoices):
    PENDING = "pending", "待签报"
    RETURNED = "returned", "已退回"
    SIGNED = "signed", "已签报"


SHEET_TRANSITIONS = Transitions(
    initial=[SheetState.PENDING],
    following={
        SheetState.PENDING: [SheetState.SIGNED],
        SheetState.RETURNED: [SheetState.SIGNED],
        SheetState.SIGNED: [SheetState.RETURNED, SheetState.PENDING],  # pending: it has sent one below it back
    },
)


class SheetQuerySet(models.QuerySet["Sheet"]):
    def visible_to(self, user: User) -> "SheetQuerySet":
        """Returns the own union's, and those below it as they stood under it in the year; the city sees all."""
        union = user.union
        if union is None or union.is_grassroots:
            return self.none()
        return self if union.level == 1 else self.filter(Q(node=union) | Q(above__node=union))


class Sheet(models.Model):
    """One superior union's copy of the table. ``above`` is that of the union under which it stood on the day.

    ``version`` counts what changes what the sheet says: its own acts, and each signature and return right below it.
    """

    yearbook = models.ForeignKey(Yearbook, on_delete=models.PROTECT, related_name="sheets", db_index=False)
    node = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    above = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="below")
    state = models.TextField("状态", choices=SheetState.choices, default=SheetState.PENDING)
    version = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey(User, verbose_name="填报人", null=True, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("填报时间", null=True)
    returned_by = models.ForeignKey(User, verbose_name="退回人", null=True, on_delete=models.PROTECT, related_name="+")
    returned_at = models.DateTimeField("退回时间", null=True)
    returned_for = models.TextField("退回的原因", blank=True, default="")

    objects = SheetQuerySet.as_manager()
    below: Any  # the manager of the sheets below it
    signatures: Any  # the manager of its signatures

    class Meta:
        constraints = [
            models.UniqueConstraint("yearbook", "node", name="sheet_once"),
            models.CheckConstraint(condition=Q(state__in=SheetState.values), name="sheet_state_known"),
            models.CheckConstraint(
                condition=(~Q(state=SheetState.RETURNED) & Q(returned_by=None, returned_at=None, returned_for=""))
                | (
                    Q(state=SheetState.RETURNED, returned_by__isnull=False, returned_at__isnull=False)
                    & ~Q(returned_for="")
                ),
                name="sheet_returned_with_a_reason",
            ),
        ]
        triggers = state_triggers("state", SHEET_TRANSITIONS)

    def __str__(self) -> str:
        return f"{self.node}：{self.yearbook}"

    @property
    def is_signed(self) -> bool:
        return self.state == SheetState.SIGNED


class Entry(models.Model):
    """What was typed into a line of a sheet: the number that was asked, the word on a change."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="entries", db_index=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+", db_index=False)
    value = models.PositiveIntegerField("数", null=True)
    explanation = models.TextField("说明", blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint("sheet", "line", name="entry_once")]

    def __str__(self) -> str:
        return f"{self.line}：{self.value}"


class Signature(models.Model):
    """What was signed (签报), which never changes: the rows and the names as they stood, by whom and when, their digest.

    It holds until the sheet is sent back, and stays after that.
    """

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    content = models.JSONField()
    digest = models.BinaryField()
    signed_by = models.ForeignKey(User, verbose_name="签报人", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField("签报时间")
    ended_by = models.ForeignKey(User, verbose_name="退回人", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("退回时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("sheet", condition=Q(ended_at=None), name="signature_one_holds"),
            models.CheckConstraint(
                condition=Q(ended_by=None, ended_at=None) | Q(ended_by__isnull=False, ended_at__isnull=False),
                name="signature_ended_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["sheet", "-id"], name="signature_sheet")]
        triggers = [
            pgtrigger.Protect(name="signature_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="signature_stays",
                operation=pgtrigger.UpdateOf("sheet_id", "content", "digest", "signed_by_id", "signed_at"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.signed_at:%Y-%m-%d}"
