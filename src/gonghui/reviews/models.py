"""One approval engine for everything that a superior decides (SPEC 2.2, 5.1)."""

from datetime import date
from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from gonghui.accounts.models import Role, User
from gonghui.audit.models import history
from gonghui.kit.states import Transitions, state_triggers
from gonghui.unions.models import Union


class ReviewState(models.TextChoices):
    PENDING = "pending", "待审核"
    APPROVED = "approved", "审核通过"
    REFUSED = "refused", "退回修改"
    WITHDRAWN = "withdrawn", "已撤回"


TRANSITIONS = Transitions(
    initial=[ReviewState.PENDING],
    following={
        ReviewState.PENDING: [ReviewState.APPROVED, ReviewState.REFUSED, ReviewState.WITHDRAWN],
        ReviewState.APPROVED: [],
        ReviewState.REFUSED: [],
        ReviewState.WITHDRAWN: [],
    },
)


class ReviewPart(models.TextChoices):
    """The role of a superior in a review."""

    SUPERIOR = "superior", "所属上级"
    RELEASING = "releasing", "转出方上级"
    RECEIVING = "receiving", "转入方上级"


class ReviewQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ReviewQuerySet":
        """Reviews of visible unions, and those that the user's union or one below decides or has decided: they stay after
        a relocation, and there before the first approval gives a union its superior.
        """
        if user.union is None:
            return self.none()
        if user.union.is_grassroots:
            return self.filter(union=user.union)
        below = Union.objects.visible_to(user)
        # Asked for each row at hand: as "in" the whole of a district's steps would be read for one review.
        seen = models.Exists(below.filter(pk=models.OuterRef("union")))
        decided = models.Exists(
            Step.objects.filter(
                models.Exists(below.filter(pk=models.OuterRef("superior"))), review=models.OuterRef("pk")
            )
        )
        return self.filter(seen | decided)


@history(exclude=["doubts", "checked_at"])
class Review(models.Model):
    """One round of a request. Its subject (a filing, a claim …) has a one-to-one key to it; nothing is deleted.

    ``proposed`` and ``base`` hold the values asked for and the values that stood when it was submitted, as the kind
    writes them (sealed where personal). ``exclusive`` reviews keep every other exclusive one of the union out.
    """

    kind = models.TextField("类型")
    union = models.ForeignKey(Union, verbose_name="工会", on_delete=models.PROTECT, related_name="reviews")
    state = models.TextField("状态", choices=ReviewState.choices, default=ReviewState.PENDING)
    exclusive = models.BooleanField(default=True)
    title = models.TextField("标题")  # what the desk lists, as submitted
    round = models.PositiveSmallIntegerField("轮次", default=1)
    proposed = models.JSONField(default=dict)
    base = models.JSONField(default=dict)
    submitted_by = models.ForeignKey(User, verbose_name="提交人", on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("提交时间", db_default=Now())
    closed_at = models.DateTimeField("办结时间", null=True)
    doubts = models.PositiveSmallIntegerField("疑点", null=True)  # of the last automatic checks; empty: not checked yet
    checked_at = models.DateTimeField("核查时间", null=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReviewState.values), name="review_state_known"),
            models.CheckConstraint(
                condition=Q(state=ReviewState.PENDING, closed_at=None)
                | (~Q(state=ReviewState.PENDING) & Q(closed_at__isnull=False)),
                name="review_closed_when_decided",
            ),
            models.UniqueConstraint(
                "union",
                condition=Q(state=ReviewState.PENDING, exclusive=True),
                name="review_one_exclusive_open_per_union",
            ),
        ]
        indexes = [
            models.Index(fields=["union", "-id"], name="review_union"),
            models.Index(
                F("checked_at").asc(nulls_first=True), condition=Q(state=ReviewState.PENDING), name="review_to_check"
            ),
            models.Index(
                fields=["id"],
                include=["submitted_at", "union", "kind", "doubts"],
                condition=Q(state=ReviewState.PENDING),
                name="review_waiting",
            ),
        ]
        triggers = state_triggers("state", TRANSITIONS)

    def __str__(self) -> str:
        return self.title


class BulkState(models.TextChoices):
    WAITING = "waiting", "待生效"
    APPLYING = "applying", "正在生效"
    APPLIED = "applied", "已生效"
    TAKEN_BACK = "taken_back", "已撤回"


BULK_TRANSITIONS = Transitions(
    initial=[BulkState.WAITING],
    following={
        BulkState.WAITING: [BulkState.APPLYING, BulkState.TAKEN_BACK],
        BulkState.APPLYING: [BulkState.APPLIED],
        BulkState.APPLIED: [],
        BulkState.TAKEN_BACK: [],
    },
)


class BulkDecision(models.Model):
    """A decision on many steps, which takes effect some minutes later and may be withdrawn until then."""

    superior = models.ForeignKey(Union, verbose_name="审核工会", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, verbose_name="审批人", on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField("状态", choices=BulkState.choices, default=BulkState.WAITING)
    decision = models.TextField("审批结果", choices=[("approved", "审核通过"), ("refused", "退回")])
    opinion = models.TextField("审批意见", blank=True, default="")
    step_ids = ArrayField(models.BigIntegerField())
    done = models.PositiveIntegerField("已处理", default=0)
    created_at = models.DateTimeField("提交时间", db_default=Now())
    effective_at = models.DateTimeField("生效时间")
    ended_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BulkState.values), name="bulk_decision_state_known"),
            models.CheckConstraint(condition=~Q(step_ids=[]), name="bulk_decision_of_some"),
        ]
        indexes = [
            models.Index(
                fields=["superior", "-id"],
                condition=Q(state__in=[BulkState.WAITING, BulkState.APPLYING]),
                name="bulk_decision_waiting",
            )
        ]
        triggers = state_triggers("state", BULK_TRANSITIONS)

    def __str__(self) -> str:
        return f"批量{self.get_decision_display()} {len(self.step_ids)} 件"


@history()
class Step(models.Model):
    """One superior's step of a review: its role and its decision."""

    class Decision(models.TextChoices):
        APPROVED = "approved", "审核通过"
        REFUSED = "refused", "退回"

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="steps")
    part = models.TextField("角色", choices=ReviewPart.choices, default=ReviewPart.SUPERIOR)
    superior = models.ForeignKey(Union, verbose_name="审核工会", on_delete=models.PROTECT, related_name="+")
    open = models.BooleanField(default=True)  # pending; false once decided or once the review has closed
    decision = models.TextField("审批结果", choices=Decision.choices, null=True)
    opinion = models.TextField("审批意见", blank=True, default="")
    reviewer = models.ForeignKey(User, verbose_name="审批人", null=True, on_delete=models.PROTECT, related_name="+")
    in_place_of = models.ForeignKey(  # whose leave cover the reviewer was
        User, verbose_name="代", null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("审批时间", null=True)
    bulk = models.ForeignKey(  # the bulk decision that has not taken effect yet
        BulkDecision, null=True, on_delete=models.PROTECT, related_name="steps", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("review", "part", name="step_part_once"),
            models.CheckConstraint(condition=Q(bulk=None) | Q(open=True), name="step_in_bulk_is_open"),
            models.CheckConstraint(
                condition=Q(in_place_of=None) | (Q(reviewer__isnull=False) & ~Q(in_place_of=F("reviewer"))),
                name="step_in_place_of_another",
            ),
            models.CheckConstraint(
                condition=Q(decision=None, reviewer=None, decided_at=None)
                | Q(open=False, decision__isnull=False, reviewer__isnull=False, decided_at__isnull=False),
                name="step_decided_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["superior", "id"], condition=Q(open=True), name="step_waiting"),
            models.Index(fields=["bulk"], condition=Q(bulk__isnull=False), name="step_in_bulk"),
            models.Index(
                fields=["superior", "-decided_at", "-id"], condition=Q(decision__isnull=False), name="step_done"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="superior_stands",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("superior_id", "open"),
                condition=pgtrigger.Q(new__open=True),
                declare=[("standing", "text")],
                func="""
                    SELECT state INTO standing FROM unions_union WHERE id = NEW.superior_id FOR SHARE;
                    IF standing = 'dissolved' THEN
                        RAISE EXCEPTION 'the superior % is closed', NEW.superior_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'step_waits_for_a_standing_one';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    @property
    def decided_by(self) -> str:
        """审批人 as shown: 「沈洁（代 王敏）」 for a cover."""
        return f"{self.reviewer}（代 {self.in_place_of}）" if self.in_place_of_id else str(self.reviewer or "")


class CoverQuerySet(models.QuerySet["Cover"]):
    def visible_to(self, user: User) -> "CoverQuerySet":
        """The covers of the users of the viewer's union."""
        if user.union is None or user.union.is_grassroots:
            return self.none()
        return self.filter(absent__union=user.union)

    def in_force(self, day: date) -> "CoverQuerySet":
        """The covers in force on that day: the absent one is still a reviewer, the cover still active."""
        return self.filter(
            revoked_at=None,
            starts_on__lte=day,
            ends_on__gte=day,
            absent__is_active=True,
            absent__roles__contains=[Role.REVIEWER],
            absent__union=F("cover__union"),
            cover__is_active=True,
        )


class DaysAway(models.Func):
    """The days of an absent reviewer as one range of whole numbers: overlaps are the same person on the same day.

    PostgreSQL excludes overlapping ranges by itself; "and the same person" would need an extension.
    """

    template = (
        "int8range(%(absent)s * 100000 + (%(first)s - DATE '2000-01-01'), "
        "%(absent)s * 100000 + (%(last)s - DATE '2000-01-01'), '[]')"
    )

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple]:
        absent, first, last = (compiler.compile(source_expression)[0] for source_expression in self.source_expressions)
        return self.template % {"absent": absent, "first": first, "last": last}, ()


@history()
class Cover(models.Model):
    """请假代办: from ``starts_on`` to ``ends_on``, both included, ``cover`` reviews for ``absent``."""

    absent = models.ForeignKey(User, verbose_name="请假人", on_delete=models.PROTECT, related_name="+")
    cover = models.ForeignKey(User, verbose_name="代办人", on_delete=models.PROTECT, related_name="covers")
    starts_on = models.DateField("从")
    ends_on = models.DateField("到")
    made_by = models.ForeignKey(User, verbose_name="设立人", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("设立时间", db_default=Now())
    revoked_at = models.DateTimeField("撤销时间", null=True)

    objects = CoverQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(absent=F("cover")), name="cover_by_another"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="cover_ends_after_it_starts"),
            ExclusionConstraint(
                name="cover_one_at_a_time",
                expressions=[(DaysAway(F("absent"), F("starts_on"), F("ends_on")), RangeOperators.OVERLAPS)],
                condition=Q(revoked_at=None),
            ),
        ]
        indexes = [models.Index(fields=["cover", "ends_on"], name="cover_until")]

    def __str__(self) -> str:
        return f"{self.cover}代{self.absent}"


class Phrase(models.Model):
    """A reviewer's saved opinion."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="phrases")
    kind = models.TextField(
        "类型", blank=True, default=""
    )  # reviews.kinds; empty: kept before phrases had one, for all
    text = models.TextField("常用意见")

    class Meta:
        constraints = [models.UniqueConstraint("user", "kind", "text", name="phrase_once")]
