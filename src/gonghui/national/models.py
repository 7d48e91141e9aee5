"""Exports of the national forms with their files, and what of each member and union has been reported."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.exports.models import Export as Disclosure
from gonghui.kit.sealing import SealedRow, opened_bytes
from gonghui.kit.states import state_triggers
from gonghui.members.models import Member
from gonghui.national.rules import can_export_forms
from gonghui.national.states import EXPORT_TRANSITIONS, REPORT_TRANSITIONS, ExportState, ReportState
from gonghui.unions.models import Union


class Form(models.TextChoices):
    MEMBER = "member", "工会会员信息采集表"
    ORGANISATION = "organisation", "工会组织信息采集表"


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: User) -> "ExportQuerySet":
        """Returns the exports of the user's own union, for those who may export: the files hold full personal data."""
        return self.filter(union=user.union_id) if can_export_forms(user) else self.none()


@history(exclude=["done"])
class Export(models.Model):
    """One form, filled in for a union and all below it, in one or more files."""

    form = models.TextField("采集表", choices=Form.choices)
    union = models.ForeignKey(Union, verbose_name="工会", on_delete=models.PROTECT, related_name="+", db_index=False)
    purpose = models.TextField("用途")
    disclosure = models.OneToOneField(
        Disclosure, null=True, on_delete=models.PROTECT, related_name="+"
    )  # who allowed it (ADR 57); null for what was built before there was one
    state = models.TextField("状态", choices=ExportState.choices, default=ExportState.BUILDING)
    run = models.UUIDField(null=True)  # of two runs of the job the later one writes
    total = models.PositiveIntegerField(default=0)  # rows to be expected, for the progress
    done = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField("行数", default=0)
    incomplete = models.PositiveIntegerField("有缺项", default=0)
    by = models.ForeignKey(User, verbose_name="导出人", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField("导出时间", db_default=Now())
    ended_at = models.DateTimeField("生成时间", null=True)
    reported_by = models.ForeignKey(
        User, verbose_name="上报人", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reported_at = models.DateTimeField("上报时间", null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(form__in=Form.values), name="national_export_form_known"),
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="national_export_state_known"),
            models.CheckConstraint(
                condition=~Q(state=ExportState.REPORTED) | Q(reported_by__isnull=False, reported_at__isnull=False),
                name="national_export_reported_by_somebody",
            ),
            models.UniqueConstraint(
                "union", "form", condition=Q(state=ExportState.BUILDING), name="national_export_one_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["union", "-id"], name="national_export_union")]
        triggers = state_triggers("state", EXPORT_TRANSITIONS)

    def __str__(self) -> str:
        return f"{self.get_form_display()} {self.pk}"

    @property
    def is_working(self) -> bool:
        """Whether a job is at work on it."""
        return self.state in (ExportState.BUILDING, ExportState.MARKING)


class File(SealedRow):
    """One finished file, sealed: it is full personal data. Deleted a day after the export."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="files", db_index=False)
    position = models.PositiveIntegerField()
    name = models.TextField("文件")
    rows = models.PositiveIntegerField("行数")
    size = models.PositiveIntegerField("字节数")
    digest = models.TextField("校验值（SM3）")
    content_sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["export", "position"], name="national_file_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def content(self) -> bytes:
        return opened_bytes(self, "content_sealed")


class Held(models.Model):
    """Whom an export held, some thousand in a row, each with the version that was written; needed until it is reported."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="held", db_index=False)
    position = models.PositiveIntegerField()
    subjects = ArrayField(models.BigIntegerField())  # ids of members, or of unions
    versions = ArrayField(models.UUIDField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["export", "position"], name="national_held_once")]

    def __str__(self) -> str:
        return f"{self.export_id}, {self.position}"


class Report(models.Model):
    """What became of the newest reported row of somebody; ``version`` is that of the row (`queries.version_of`)."""

    state = models.TextField("上报状态", choices=ReportState.choices)
    version = models.UUIDField()
    reason = models.TextField("退回原因", blank=True, default="")
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        abstract = True


class MemberReport(Report):
    member = models.OneToOneField(Member, primary_key=True, on_delete=models.CASCADE, related_name="national_report")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="member_report_state_known"),
            models.CheckConstraint(
                condition=Q(state=ReportState.REPORTED, reason="") | (Q(state=ReportState.RETURNED) & ~Q(reason="")),
                name="member_report_returned_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["member"], condition=Q(state=ReportState.RETURNED), name="member_report_returned")
        ]
        triggers = state_triggers("state", REPORT_TRANSITIONS)

    def __str__(self) -> str:
        return f"{self.member_id}: {self.state}"


class UnionReport(Report):
    union = models.OneToOneField(Union, primary_key=True, on_delete=models.CASCADE, related_name="national_report")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="union_report_state_known"),
            models.CheckConstraint(
                condition=Q(state=ReportState.REPORTED, reason="") | (Q(state=ReportState.RETURNED) & ~Q(reason="")),
                name="union_report_returned_for_a_reason",
            ),
        ]
        triggers = state_triggers("state", REPORT_TRANSITIONS)

    def __str__(self) -> str:
        return f"{self.union_id}: {self.state}"
