"""One approval engine for everything that a superior decides (SPEC 2.2, 5.1)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.unions.models import Union


class State(models.TextChoices):
    PENDING = "pending", "待审核"
    APPROVED = "approved", "审核通过"
    REFUSED = "refused", "退回修改"
    WITHDRAWN = "withdrawn", "已撤回"


class Part(models.TextChoices):
    """The part that a superior plays in a review."""

    SUPERIOR = "superior", "所属上级"
    RELEASING = "releasing", "转出方上级"
    RECEIVING = "receiving", "转入方上级"


class ReviewQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ReviewQuerySet":
        """Those of the unions one sees, and those that one's own union decides or has decided (kept after a relocation)."""
        if user.union is None:
            return self.none()
        if user.union.is_grassroots:
            return self.filter(union=user.union)
        return self.filter(
            Q(union__in=Union.objects.visible_to(user))
            | Q(pk__in=Step.objects.filter(superior=user.union).values("review"))
        )


@history()
class Review(models.Model):
    """One round of a request. Its subject (a filing, a claim …) keys to it one to one; nothing is ever deleted.

    ``proposed`` and ``base`` hold the values asked for and the values that stood when it was submitted, as the kind
    writes them (sealed where personal). ``exclusive`` reviews keep every other exclusive one of the union out.
    """

    kind = models.TextField("类型")
    union = models.ForeignKey(Union, verbose_name="工会", on_delete=models.PROTECT, related_name="reviews")
    state = models.TextField("状态", choices=State.choices, default=State.PENDING)
    exclusive = models.BooleanField(default=True)
    title = models.TextField("标题")  # what the desk lists, as submitted
    round = models.PositiveSmallIntegerField("轮次", default=1)
    proposed = models.JSONField(default=dict)
    base = models.JSONField(default=dict)
    submitted_by = models.ForeignKey(User, verbose_name="提交人", on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("提交时间", db_default=Now())
    closed_at = models.DateTimeField("办结时间", null=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="review_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.PENDING, closed_at=None)
                | (~Q(state=State.PENDING) & Q(closed_at__isnull=False)),
                name="review_closed_when_decided",
            ),
            models.UniqueConstraint(
                "union", condition=Q(state=State.PENDING, exclusive=True), name="review_one_exclusive_open_per_union"
            ),
        ]
        indexes = [models.Index(fields=["union", "-id"], name="review_union")]

    def __str__(self) -> str:
        return self.title


@history()
class Step(models.Model):
    """One superior's say in a review: which part it plays and what it decided."""

    class Decision(models.TextChoices):
        APPROVED = "approved", "审核通过"
        REFUSED = "refused", "退回"

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="steps")
    part = models.TextField("角色", choices=Part.choices, default=Part.SUPERIOR)
    superior = models.ForeignKey(Union, verbose_name="审核工会", on_delete=models.PROTECT, related_name="+")
    open = models.BooleanField(default=True)  # awaited; false once decided or once the review has closed
    decision = models.TextField("审批结果", choices=Decision.choices, null=True)
    opinion = models.TextField("审批意见", blank=True, default="")
    reviewer = models.ForeignKey(User, verbose_name="审批人", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("审批时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("review", "part", name="step_part_once"),
            models.CheckConstraint(
                condition=Q(decision=None, reviewer=None, decided_at=None)
                | Q(open=False, decision__isnull=False, reviewer__isnull=False, decided_at__isnull=False),
                name="step_decided_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["superior", "review"], condition=Q(open=True), name="step_awaited"),
            models.Index(fields=["superior", "-decided_at"], condition=Q(decision__isnull=False), name="step_decided"),
        ]


class Phrase(models.Model):
    """A reviewer's saved opinion."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="phrases")
    text = models.TextField("常用意见")

    class Meta:
        constraints = [models.UniqueConstraint("user", "text", name="phrase_once")]
