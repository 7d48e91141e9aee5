"""The requests about a grassroots union, from registration to dissolution (SPEC 1.2, 2.1 to 2.5)."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.filings.deadlines import DEADLINES
from gonghui.reviews.models import Review
from gonghui.unions.models import RegisteredEmployer, Union


class Registration(models.Model):
    """The employer that a new user named. It becomes a union or a claim when the e-mail is verified."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="registration")
    employer_name = models.TextField("单位名称")
    registered = models.ForeignKey(RegisteredEmployer, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField("时间", db_default=Now())


class FilingQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "FilingQuerySet":
        return self.filter(union__in=Union.objects.visible_to(user))


@history()
class Filing(models.Model):
    """One round of the form 「基层工会资料上报」: a draft until it has a review."""

    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="filings")
    superior = models.ForeignKey(Union, verbose_name="上级工会", null=True, on_delete=models.PROTECT, related_name="+")
    entrance = models.TextField("填报入口", choices=[("district", "区总工会所属单位"), ("bureau", "产业局所属单位")])
    code = models.TextField("组织机构代码", blank=True, default="")
    values = models.JSONField(default=dict)  # the form as typed; 联系电话 sealed
    review = models.OneToOneField(Review, null=True, on_delete=models.PROTECT, related_name="filing")
    code_held = models.BooleanField(default=False)  # the review is open: no other union may submit the code
    updated_at = models.DateTimeField("保存时间", auto_now=True)

    objects = FilingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("union", condition=Q(review=None), name="filing_one_draft_per_union"),
            models.UniqueConstraint("code", condition=Q(code_held=True), name="filing_code_once"),
        ]


@history()
class Amendment(models.Model):
    """One change of an approved union's particulars: a draft until it has a review (SPEC 2.3)."""

    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="amendments")
    values = models.JSONField(default=dict)  # the form as typed; 联系电话 sealed
    review = models.OneToOneField(Review, null=True, on_delete=models.PROTECT, related_name="amendment")
    updated_at = models.DateTimeField("保存时间", auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint("union", condition=Q(review=None), name="amendment_one_draft_per_union")]


@history()
class Relocation(models.Model):
    """One request to move to another level-3 superior; both superiors decide (SPEC 2.4)."""

    class Way(models.TextChoices):
        """The two kinds of the manual: within one side of the tree, or to the other side."""

        WITHIN = "within", "区区（局局）转移"
        ACROSS = "across", "区局（局区）转移"

    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="relocations")
    way = models.TextField("转移方式", choices=Way.choices)
    origin = models.ForeignKey(Union, verbose_name="原上级工会", on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Union, verbose_name="转入的上级工会", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField("转移原因")
    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="relocation")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(origin=models.F("target")), name="relocation_leads_elsewhere"),
        ]


class DissolutionQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "DissolutionQuerySet":
        return self.filter(union__in=Union.objects.visible_to(user))


@history()
class Dissolution(models.Model):
    """The dissolution of a union, and its restoration by the city (SPEC 2.5)."""

    class Way(models.TextChoices):
        MERGED = "merged", "合并"
        LEFT_CITY = "left_city", "转出本市"
        CLOSED = "closed", "关闭"

    RESTORE_DAYS = 30

    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="dissolutions")
    way = models.TextField("撤销方式", choices=Way.choices)
    into = models.ForeignKey(Union, verbose_name="合并到", null=True, on_delete=models.PROTECT, related_name="absorbed")
    reason = models.TextField("撤销原因")
    member_count = models.PositiveIntegerField("撤销时会员人数")
    act = models.UUIDField(unique=True)  # id of the act, stored in the memberships that it ended
    dissolved_by = models.ForeignKey(User, verbose_name="经办人", on_delete=models.PROTECT, related_name="+")
    dissolved_at = models.DateTimeField("撤销时间", db_default=Now())
    restored_by = models.ForeignKey(User, verbose_name="恢复人", null=True, on_delete=models.PROTECT, related_name="+")
    restored_at = models.DateTimeField("恢复时间", null=True)
    restored_count = models.PositiveIntegerField("恢复的会员人数", null=True)
    restore_reason = models.TextField("恢复原因", blank=True, default="")
    restore_act = models.UUIDField(null=True, unique=True)

    objects = DissolutionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(way="merged", into__isnull=False) | (~Q(way="merged") & Q(into=None)),
                name="dissolution_merges_into_somebody",
            ),
            models.CheckConstraint(condition=~Q(into=models.F("union")), name="dissolution_not_into_itself"),
            models.CheckConstraint(
                condition=Q(restored_by=None, restored_at=None, restored_count=None, restore_act=None)
                | Q(
                    restored_by__isnull=False,
                    restored_at__isnull=False,
                    restored_count__isnull=False,
                    restore_act__isnull=False,
                ),
                name="dissolution_restored_whole",
            ),
            models.UniqueConstraint("union", condition=Q(restored_at=None), name="dissolution_one_standing"),
        ]
        indexes = [models.Index(fields=["-id", "union"], name="dissolution_newest")]

    def __str__(self) -> str:
        return f"{self.union.name}：{self.get_way_display()}"

    @property
    def restorable_days(self) -> int:
        """The days left for the city to restore the union; 0 when it is too late or already done."""
        if self.restored_at:
            return 0
        left = self.dissolved_at + timedelta(days=self.RESTORE_DAYS) - timezone.now()
        return max(0, left.days + 1)


@history()
class AccountClaim(models.Model):
    """The claim of a new user to act for an existing union; its superior decides (SPEC 1.2)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="claims")
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="claims")
    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="claim")

    def __str__(self) -> str:
        return f"{self.union.name}：{self.user.named}申请认领"


class Reminder(models.Model):
    """The officers of a union were, or are about to be, reminded of a day that it has to keep (SPEC 2.7).

    The rows are a queue: a job notifies about those without ``notified_at``, in batches, so that a killed run is taken up
    where it stopped. Each stage comes once for a day (``due_on``); another day starts afresh.
    """

    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    deadline = models.TextField("事项")  # a key of filings.deadlines.DEADLINES
    due_on = models.DateField("到期日期")
    days = models.PositiveSmallIntegerField("提前天数", null=True)  # the stage; none: a superior's 「催办」
    day = models.DateField("日期", default=localdate)
    sent_by = models.ForeignKey(User, verbose_name="催办人", null=True, on_delete=models.PROTECT, related_name="+")
    notified_at = models.DateTimeField("通知时间", null=True)

    objects: models.Manager["Reminder"] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(deadline__in=list(DEADLINES)), name="reminder_deadline_known"),
            models.CheckConstraint(
                condition=Q(days__isnull=False, sent_by=None) | Q(days=None, sent_by__isnull=False),
                name="reminder_by_stage_or_by_somebody",
            ),
            models.UniqueConstraint(fields=["union", "deadline", "due_on", "days"], name="reminder_stage_once"),
            models.UniqueConstraint(
                fields=["union", "deadline", "day"], condition=Q(days=None), name="reminder_by_somebody_once_a_day"
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline", "due_on", "id"], condition=Q(notified_at=None), name="reminder_to_be_notified"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.union}：{DEADLINES[self.deadline].label} {self.due_on}"
