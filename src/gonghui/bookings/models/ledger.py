"""The person's ledger: who has been where, when, with whose money (SPEC 6.2). It belongs to the person, not to a union."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.attachments.models import Bundle
from gonghui.audit.models import history
from gonghui.bookings.codes import FundSource, Kind, Stated
from gonghui.bookings.models.places import Place
from gonghui.bookings.models.programmes import Programme
from gonghui.bookings.states import (
    CONTEST_TRANSITIONS,
    SELF_CHECK_TRANSITIONS,
    STANDING,
    ContestState,
    SelfCheckState,
)
from gonghui.kit.states import state_triggers
from gonghui.members.models import Member
from gonghui.unions.models import Union


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    def visible_to(self, user: User) -> "LedgerQuerySet":
        """Those of the members that the user sees, whatever union they were in then."""
        return self.filter(member__in=Member.objects.visible_to(user))

    def been(self) -> "LedgerQuerySet":
        """Those that count as having been there."""
        return self.filter(counts=True)


@history()
class LedgerEntry(models.Model):
    """A person in a programme: of a place here, of a check at another hospital, or loaded of earlier years.

    ``came`` is what happened, ``counts`` what the rules of later programmes take it for (a no-show may count).
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="ledger", db_index=False)
    union = models.ForeignKey(  # then; None where it is not known
        Union, verbose_name="当时所在工会", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.TextField("类型", choices=Kind.choices)
    programme = models.ForeignKey(Programme, null=True, on_delete=models.PROTECT, related_name="ledger")
    place = models.OneToOneField(Place, null=True, on_delete=models.PROTECT, related_name="ledger_entry")
    self_check = models.OneToOneField("SelfCheck", null=True, on_delete=models.PROTECT, related_name="ledger_entry")
    title = models.TextField("项目")
    year = models.PositiveSmallIntegerField("年度")
    began_on = models.DateField("开始日期", null=True)
    days = models.PositiveSmallIntegerField("天数", default=1)
    came = models.BooleanField("已参加", default=True)
    counts = models.BooleanField("计为已参加", default=True)
    barred_until = models.DateField("不得报名至", null=True)
    loaded = models.UUIDField(null=True)  # the import that wrote it
    written_at = models.DateTimeField("登记时间", db_default=Now())

    objects = LedgerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="ledger_kind_known"),
            models.CheckConstraint(condition=Q(year__range=(1950, 2200)), name="ledger_year_in_range"),
            models.CheckConstraint(
                condition=Q(place__isnull=False, programme__isnull=False, self_check=None, loaded=None)
                | Q(place=None, programme__isnull=False, self_check__isnull=False, loaded=None)
                | Q(place=None, programme=None, self_check=None, loaded__isnull=False),
                name="ledger_has_its_origin",
            ),
            models.UniqueConstraint(
                "member", "kind", "year", "title", condition=Q(loaded__isnull=False), name="ledger_loaded_once"
            ),
        ]
        indexes = [
            models.Index(fields=["member", "kind", "-year", "-id"], name="ledger_member"),
            models.Index(fields=["union", "year", "id"], name="ledger_union"),
            models.Index(fields=["loaded"], condition=Q(loaded__isnull=False), name="ledger_loaded"),
        ]

    def __str__(self) -> str:
        return f"{self.year}年 {self.title}"


class LedgerFund(models.Model):
    """What a source has paid for the person."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.CASCADE, related_name="funds", db_index=False)
    source = models.TextField("经费来源", choices=FundSource.choices)
    amount = models.DecimalField("金额（元）", max_digits=10, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint("entry", "source", name="ledger_fund_source_once"),
            models.CheckConstraint(condition=Q(source__in=FundSource.values), name="ledger_fund_source_known"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="ledger_fund_not_negative"),
        ]


class Contest(models.Model):
    """An officer's objection to 「未到」, within 14 days; the publisher decides."""

    place = models.OneToOneField(Place, on_delete=models.PROTECT, related_name="contest")
    state = models.TextField("状态", choices=ContestState.choices, default=ContestState.SUBMITTED)
    text = models.TextField("说明")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField("时间", db_default=Now())
    answer = models.TextField("答复", blank=True, default="")
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField("处理时间", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ContestState.values), name="contest_state_known"),
            models.CheckConstraint(
                condition=Q(state=ContestState.SUBMITTED, decided_at=None)
                | (~Q(state=ContestState.SUBMITTED) & Q(decided_at__isnull=False)),
                name="contest_decided_whole",
            ),
        ]
        triggers = state_triggers("state", CONTEST_TRANSITIONS)


class SelfCheckQuerySet(models.QuerySet["SelfCheck"]):
    def visible_to(self, user: User) -> "SelfCheckQuerySet":
        """Those of the user's own union, and of what it publishes: it is no other superior's where somebody was checked."""
        if user.union is None:
            return self.none()
        return self.filter(Q(union=user.union) | Q(programme__publisher=user.union))

    def standing(self) -> "SelfCheckQuerySet":
        """Those that wait or are accepted: by these a person is in the programme."""
        return self.filter(state__in=STANDING)


class SelfCheck(models.Model):
    """外院自检: a member went to another hospital and hands in the invoice, up to the programme's price (SPEC 6.7).

    ``union`` is whose officer is responsible, ``paid`` what is paid back if it is accepted. No result is kept.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="self_checks", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="self_checks", db_index=False)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField("状态", choices=SelfCheckState.choices, default=SelfCheckState.SUBMITTED)
    hospital = models.TextField("体检医院")
    checked_on = models.DateField("体检日期")
    invoice_number = models.TextField("发票号码")
    stated = ArrayField(models.TextField(), default=list)  # of codes.Stated
    amount = models.DecimalField("发票金额（元）", max_digits=10, decimal_places=2)
    paid = models.DecimalField("报销金额（元）", max_digits=10, decimal_places=2)
    invoice = models.OneToOneField(Bundle, on_delete=models.PROTECT, related_name="self_check")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField("提交时间", db_default=Now())
    opinion = models.TextField("审核意见", blank=True, default="")  # or why it ended with the membership
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField("办结时间", null=True)

    objects = SelfCheckQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SelfCheckState.values), name="self_check_state_known"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, paid__gte=0, paid__lte=models.F("amount")), name="self_check_paid_in_range"
            ),
            models.CheckConstraint(
                condition=~Q(hospital="") & ~Q(invoice_number=""), name="self_check_says_where"
            ),
            models.CheckConstraint(
                condition=Q(state=SelfCheckState.SUBMITTED, decided_at=None, decided_by=None)
                | (~Q(state=SelfCheckState.SUBMITTED) & Q(decided_at__isnull=False)),
                name="self_check_decided_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=SelfCheckState.REFUSED) | ~Q(opinion=""), name="self_check_refused_for_a_reason"
            ),
            models.UniqueConstraint(
                "programme", "member", condition=Q(state__in=STANDING), name="self_check_once"
            ),
            models.UniqueConstraint(
                "hospital", "invoice_number", condition=Q(state__in=STANDING), name="self_check_invoice_once"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["union", "-id"], name="self_check_union"),
            models.Index(fields=["programme", "-id"], name="self_check_programme"),
            models.Index(fields=["member"], name="self_check_member"),
            models.Index(
                fields=["programme", "id"], condition=Q(state=SelfCheckState.SUBMITTED), name="self_check_waiting"
            ),
        ]
        triggers = state_triggers("state", SELF_CHECK_TRANSITIONS)

    def __str__(self) -> str:
        return self.member.name

    @property
    def stated_labels(self) -> list[str]:
        return [str(Stated(fact).label) for fact in self.stated]


class MaritalAnswer(models.Model):
    """Whether somebody is married, where a package asks: kept here alone, without earlier versions, and deleted 30 days
    after the session (SPEC 6.7)."""

    place = models.OneToOneField(Place, on_delete=models.CASCADE, related_name="marital_answer")
    married = models.BooleanField("已婚")
    asked_at = models.DateTimeField(db_default=Now())
