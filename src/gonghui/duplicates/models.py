"""Pairs of look-alikes with what was judged of them, merges, and the keys by which a job finds pairs (SPEC 5.6)."""

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.duplicates.states import (
    MERGE_TRANSITIONS,
    OPEN,
    PAIR_TRANSITIONS,
    MergeState,
    PairState,
)
from gonghui.kit.states import state_triggers
from gonghui.members.models import Member
from gonghui.unions.models import Union

UNDO_DAYS = 30
"""Days in which a merge may be undone (SPEC 5.6)."""


class Reason(models.TextChoices):
    """Why two records are a pair, the strongest first."""

    PROVEN = "proven", "证件号码证明是同一人"
    SAME = "same", "姓名、出生日期和手机号相同"
    PAPERS = "papers", "姓名和生日相同，换过证件"
    PHONE = "phone", "同一手机号登记了三人以上"


class Record(models.TextChoices):
    """One of the two records of a pair."""

    MAIN = "main", "较早的记录"
    OTHER = "other", "较晚的记录"


class PairQuerySet(models.QuerySet["Pair"]):
    def visible_to(self, user: User) -> "PairQuerySet":
        """Returns those of which the user sees both records; of merged ones the main record. Who is in no union is seen
        by the city alone."""
        union = user.union
        if union is None:
            return self.none()
        if union.level == 1:
            return self.all()
        if union.is_grassroots:
            rows, place = self.filter(owner=union), ""
        else:
            rows, place = (
                self.filter(Q(owner=union) | Q(**{f"owner__level{union.level}": union})),
                f"__level{union.level}",
            )
        main, other = Q(**{f"member__union{place}": union}), Q(**{f"other__union{place}": union})
        return rows.filter(main & (other | Q(state=PairState.MERGED)))


class Pair(models.Model):
    """Two records that may be one person, once each. ``member`` is the older one, whose 会员编号 a merge keeps.

    ``owner`` is the lowest union that sees both: a prefilter, which the job keeps up; `visible_to` asks the members.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    reason = models.TextField("疑似原因", choices=Reason.choices)
    state = models.TextField("状态", choices=PairState.choices, default=PairState.PENDING)
    owner = models.ForeignKey(
        Union, verbose_name="核对的工会", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    found_at = models.DateTimeField("发现时间", db_default=Now())
    judged_by = models.ForeignKey(
        User, verbose_name="核对人", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    judged_at = models.DateTimeField("核对时间", null=True)
    note = models.TextField("说明", blank=True, default="")

    objects = PairQuerySet.as_manager()
    merges: Any

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PairState.values), name="pair_state_known"),
            models.CheckConstraint(condition=Q(reason__in=Reason.values), name="pair_reason_known"),
            models.CheckConstraint(condition=Q(member__lt=F("other")), name="pair_older_first"),
            models.CheckConstraint(
                condition=Q(judged_at=None, judged_by=None) | Q(judged_at__isnull=False, judged_by__isnull=False),
                name="pair_judged_by_somebody",
            ),
            models.UniqueConstraint("member", "other", name="pair_once"),
        ]
        indexes = [models.Index(fields=["owner", "state", "-id"], name="pair_owner")]
        triggers = state_triggers("state", PAIR_TRANSITIONS)

    def __str__(self) -> str:
        return f"{self.member.number}、{self.other.number}"


class MergeQuerySet(models.QuerySet["Merge"]):
    def to_decide(self, user: User) -> "MergeQuerySet":
        """Returns those that a union has not answered in time, whose nearest superior who sees both is the user's union."""
        pairs = Pair.objects.visible_to(user).filter(owner=user.union)
        return self.filter(state=MergeState.OVERDUE, pair__in=pairs)

    def to_answer(self, user: User) -> "MergeQuerySet":
        """Returns those that the user's grassroots union was asked about."""
        union = user.union
        return self.filter(releasing=union) if union and union.is_grassroots else self.none()


class Merge(models.Model):
    """A merge of a pair: asked for, if another union has to release the person; done; and undone.

    ``kept``: the record whose union the person stays in; ``chosen``: by choice (`choosing`), whose values are the
    person's, and ``values``: whose are all the others. ``undo`` is what `members.merging` needs: ids and days.
    """

    pair = models.ForeignKey(Pair, on_delete=models.PROTECT, related_name="merges")
    state = models.TextField("状态", choices=MergeState.choices)
    kept = models.TextField("保留的会籍", choices=Record.choices)
    values = models.TextField("采用的资料", choices=Record.choices)
    chosen = models.JSONField("逐项采用的资料", default=dict)
    releasing = models.ForeignKey(
        Union, verbose_name="请求同意的工会", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    note = models.TextField("说明", blank=True, default="")
    asked_by = models.ForeignKey(
        User, verbose_name="提出人", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField("提出时间", db_default=Now())
    due_on = models.DateField("答复期限", null=True)  # the last day on which the asked union may answer
    answered_by = models.ForeignKey(
        User, verbose_name="答复人", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField("答复时间", null=True)
    opinion = models.TextField("答复意见", blank=True, default="")
    done_at = models.DateTimeField("合并时间", null=True)
    undo = models.JSONField(default=dict)
    undone_by = models.ForeignKey(
        User, verbose_name="撤销人", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField("撤销时间", null=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MergeState.values), name="merge_state_known"),
            models.CheckConstraint(
                condition=Q(kept__in=Record.values, values__in=Record.values), name="merge_record_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=OPEN) | Q(releasing__isnull=False, due_on__isnull=False),
                name="merge_waits_for_a_union_until",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[MergeState.DONE, MergeState.UNDONE], done_at__isnull=False)
                | (~Q(state__in=[MergeState.DONE, MergeState.UNDONE]) & Q(done_at=None)),
                name="merge_done_whole",
            ),
            models.CheckConstraint(
                condition=Q(state=MergeState.UNDONE, undone_by__isnull=False, undone_at__isnull=False)
                | (~Q(state=MergeState.UNDONE) & Q(undone_by=None, undone_at=None)),
                name="merge_undone_whole",
            ),
            models.UniqueConstraint(
                "pair", condition=Q(state__in=[*OPEN, MergeState.DONE]), name="merge_one_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["releasing", "id"], condition=Q(state=MergeState.WAITING), name="merge_to_answer"),
            models.Index(fields=["due_on", "id"], condition=Q(state=MergeState.WAITING), name="merge_due"),
            models.Index(fields=["pair"], condition=Q(state=MergeState.OVERDUE), name="merge_to_decide"),
        ]
        triggers = state_triggers("state", MERGE_TRANSITIONS)

    def __str__(self) -> str:
        return str(self.pair)

    @property
    def undo_until(self) -> date | None:
        """The last day on which it may be undone."""
        if self.state != MergeState.DONE or self.done_at is None:
            return None
        return localdate(self.done_at) + timedelta(days=UNDO_DAYS)


class Trace(models.Model):
    """The keyed hashes of a member by which look-alikes are found; empty where nothing is to be compared."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="+")
    person_key = models.BinaryField(max_length=16, null=True)  # name, birth date and mobile
    papers_key = models.BinaryField(max_length=16, null=True)  # name and birth date, of passports and permits
    mobile_key = models.BinaryField(max_length=16, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person_key", "member"], condition=Q(person_key__isnull=False), name="trace_person"),
            models.Index(fields=["papers_key", "member"], condition=Q(papers_key__isnull=False), name="trace_papers"),
            models.Index(fields=["mobile_key", "member"], condition=Q(mobile_key__isnull=False), name="trace_mobile"),
        ]

    def __str__(self) -> str:
        return str(self.member_id)


class Progress(models.Model):
    """How far the job has read members and their versions: one row.

    Numbers are drawn before a transaction commits. So only what is at or below a mark of an earlier run is read, when all
    transactions that ran at that run have ended.
    """

    members_read = models.BigIntegerField(default=0)
    versions_read = models.BigIntegerField(default=0)
    members_mark = models.BigIntegerField(default=0)
    versions_mark = models.BigIntegerField(default=0)
    horizon = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="duplicates_progress_is_one")]

    def __str__(self) -> str:
        return f"{self.members_read}, {self.versions_read}"
