"""What a superior union has decided for itself and all below it, and which columns the city collects."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.kit.states import Transitions, state_triggers
from gonghui.policies.fields import FIELDS
from gonghui.unions.models import Union


@history()
class Policy(models.Model):
    """The values that one union has set. An empty column means the superior's value (``policies.queries``)."""

    union = models.OneToOneField(Union, verbose_name="工会", on_delete=models.PROTECT, related_name="policy")
    transfer_days = FIELDS["transfer_days"].column()
    merge_days = FIELDS["merge_days"].column()
    reelection_days = FIELDS["reelection_days"].column()
    certificate_days = FIELDS["certificate_days"].column()
    take_back_minutes = FIELDS["take_back_minutes"].column()
    idle_minutes = FIELDS["idle_minutes"].column()
    session_hours = FIELDS["session_hours"].column()
    superiors_need_totp = FIELDS["superiors_need_totp"].column()
    lookup_misses = FIELDS["lookup_misses"].column()
    code_lookups = FIELDS["code_lookups"].column()
    export_rows = FIELDS["export_rows"].column()
    export_alone_rows = FIELDS["export_alone_rows"].column()
    organised_from = FIELDS["organised_from"].column()
    set_by = models.ForeignKey(User, verbose_name="设定人", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField("设定时间", db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=field.possible, name=f"policy_{name}")
            for name, field in FIELDS.items()
            if field.possible is not None
        ]

    def __str__(self) -> str:
        return f"{self.union}的规则设定"


class Requirement(models.TextChoices):
    """Whether a column of the national forms is collected (SPEC 2.7)."""

    OFF = "off", "不收"
    OPTIONAL = "optional", "选填"
    REQUIRED = "required", "必填"


class ColumnPolicyState(models.TextChoices):
    """``COUNTING``: the job has not counted yet how many rows would be incomplete."""

    COUNTING = "counting", "统计中"
    DRAFT = "draft", "待确认"
    CONFIRMED = "confirmed", "已确认"
    WITHDRAWN = "withdrawn", "已作废"


COLUMN_POLICY_TRANSITIONS = Transitions(
    initial=[ColumnPolicyState.COUNTING],
    following={
        ColumnPolicyState.COUNTING: [ColumnPolicyState.DRAFT, ColumnPolicyState.WITHDRAWN],
        ColumnPolicyState.DRAFT: [ColumnPolicyState.CONFIRMED, ColumnPolicyState.WITHDRAWN],
        ColumnPolicyState.CONFIRMED: [ColumnPolicyState.WITHDRAWN],  # before its first day
        ColumnPolicyState.WITHDRAWN: [],
    },
)


class ColumnPolicy(models.Model):
    """The columns of one subject that the city collects from a day on: all of them, so that one row says what holds.

    ``requirements`` maps columns to OPTIONAL or REQUIRED; an absent one is not collected. In force is the confirmed row
    with the latest ``valid_from`` that has come, of two of one day the later one (``policies.columns.queries``).
    """

    subject = models.TextField("对象")  # a key of policies.hooks.SUBJECTS
    valid_from = models.DateField("执行日期")
    requirements = models.JSONField(default=dict)
    state = models.TextField("状态", choices=ColumnPolicyState.choices, default=ColumnPolicyState.COUNTING)
    gaps = models.JSONField(default=dict)  # column ("" for any of them): [rows, unions]
    message = models.TextField("说明", blank=True, default="")
    drafted_by = models.ForeignKey(User, verbose_name="拟定人", on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField("拟定时间", db_default=Now())
    confirmed_by = models.ForeignKey(User, verbose_name="确认人", null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField("确认时间", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ColumnPolicyState.values), name="column_policy_state_known"),
            models.CheckConstraint(
                condition=~Q(state=ColumnPolicyState.CONFIRMED)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="column_policy_confirmed_by_somebody",
            ),
            models.UniqueConstraint(
                "subject",
                condition=Q(state__in=[ColumnPolicyState.COUNTING, ColumnPolicyState.DRAFT]),
                name="column_policy_one_draft",
            ),
        ]
        indexes = [models.Index(fields=["subject", "-valid_from", "-id"], name="column_policy_in_force")]
        triggers = state_triggers("state", COLUMN_POLICY_TRANSITIONS)

    def __str__(self) -> str:
        return f"{self.subject} {self.valid_from}"
