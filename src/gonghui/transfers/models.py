"""Transfers of members from one union to another, or to no union (SPEC 3.6, 3.7)."""

import json
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.attachments.models import Bundle
from gonghui.audit.models import history
from gonghui.kit.sealing import SealedRow, opened_bytes
from gonghui.kit.states import Transitions, state_triggers
from gonghui.members.models import Member, Membership
from gonghui.reviews.models import Review
from gonghui.unions.models import Union

Leaving = Membership.Reason
LEAVING = (Leaving.RESIGNED, Leaving.RETIRED, Leaving.DIED, Leaving.LEFT)
"""The reasons for leaving without joining another union (SPEC 3.7)."""

ENDING = (Leaving.WITHDRAWN, Leaving.EXPELLED)
"""The reasons by which the standing ends too (SPEC 3.10): by the member's application, by the union's decision."""

UNDO_DAYS = 7
"""Days in which a departure may be undone (SPEC 3.7)."""


class Way(models.TextChoices):
    """Who began it: the requesting union, the offering union, or the union that the member leaves."""

    REQUEST = "request", "转入申请"
    OFFER = "offer", "转出"
    LEAVE = "leave", "离开工会"


class TransferState(models.TextChoices):
    WAITING = "waiting", "待审核"
    AGREED = "agreed", "已转移"
    REFUSED = "refused", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"
    LAPSED = "lapsed", "已失效"
    LEFT = "left", "已转出"
    UNDONE = "undone", "已撤销转出"


TRANSITIONS = Transitions(
    initial=[
        TransferState.WAITING,
        TransferState.AGREED,
        TransferState.LEFT,
    ],  # a person in no union joins at once; a leave needs no answer
    following={
        TransferState.WAITING: [
            TransferState.AGREED,
            TransferState.REFUSED,
            TransferState.WITHDRAWN,
            TransferState.LAPSED,
        ],
        TransferState.AGREED: [],
        TransferState.REFUSED: [],
        TransferState.WITHDRAWN: [],
        TransferState.LAPSED: [],
        TransferState.LEFT: [TransferState.UNDONE],
        TransferState.UNDONE: [],
    },
)


class Tally(models.TextChoices):
    """The result of one row of a workbook, or of one look-up, at the time of submission."""

    REQUESTED = "requested", "已提交转入申请"
    JOINED = "joined", "已转入"
    OURS = "ours", "已是本工会会员"
    ASKED = "asked", "转入申请正在审核"
    OFFERED = "offered", "对方工会已转出，待本工会接收"
    UNMATCHED = "unmatched", "没有匹配的会员"
    REPEATED = "repeated", "与前面的行重复"
    INVALID = "invalid", "填写有误"
    ENDED = "ended", "会籍已终止"

    @classmethod
    def done(cls) -> "tuple[Tally, Tally]":
        """The results that changed something."""
        return cls.REQUESTED, cls.JOINED


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user: User) -> "UploadQuerySet":
        """Visible to the officers of the uploading union only."""
        return self.filter(union=user.union) if user.union and user.union.is_grassroots else self.none()


class Upload(SealedRow):
    """One uploaded workbook of people, with the result of each row."""

    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    filename = models.TextField("文件")
    counts = models.JSONField(default=dict)  # Tally: rows
    rows_total = models.PositiveIntegerField("行数")
    rows_sealed = models.BinaryField(null=True)  # JSON list of Line: it quotes the file; deleted after 30 days
    note = models.TextField(blank=True, default="")  # hidden rows and columns that were read too
    sent_by = models.ForeignKey(User, verbose_name="上传人", on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField("上传时间", db_default=Now())

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["union", "-id"], name="transfer_upload_union")]

    def __str__(self) -> str:
        return self.filename

    @property
    def lines(self) -> list[list[Any]]:
        """[row, name, number, tally, remark, transfer's id or None] of each row; none when no longer kept."""
        return json.loads(opened_bytes(self, "rows_sealed") or "[]")

    @property
    def rows_left(self) -> int:
        """The number of rows without a transfer."""
        return self.rows_total - sum(self.counts.get(tally, 0) for tally in Tally.done())

    @property
    def summary(self) -> str:
        """The results of the rows, each counted once: 「1 人已申请，4 行未转入（没有匹配的会员 4 行）」."""
        requested, joined = (self.counts.get(tally, 0) for tally in Tally.done())
        parts = [f"{requested} 人已申请"] if requested else []
        parts += [f"{joined} 人已转入"] if joined else []
        if self.rows_left:
            counted = ((Tally(tally).label, count) for tally, count in self.counts.items() if tally not in Tally.done())
            why = "、".join(f"{label} {count} 行" for label, count in sorted(counted, key=lambda item: -item[1]))
            parts.append(f"{self.rows_left} 行未转入（{why}）")
        return "，".join(parts)


class TransferQuerySet(models.QuerySet["Transfer"]):
    def visible_to(self, user: User) -> "TransferQuerySet":
        """Visible to the union that the member leaves and the one that the member joins. A superior has the review."""
        union = user.union
        if union is None or not union.is_grassroots:
            return self.none()
        return self.filter(Q(origin=union) | Q(target=union))

    def waiting(self) -> "TransferQuerySet":
        return self.filter(state=TransferState.WAITING)


@history()
class Transfer(models.Model):
    """One move of one member: requested by ``target``, offered by ``origin``, or (no ``target``) a departure at once.

    ``origin`` is empty only for a person who was in no union and joined at once. The requesting union sees ``origin``
    only after the agreement. ``act`` is the id of the move in the memberships.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="transfers")
    way = models.TextField("方式", choices=Way.choices)
    origin = models.ForeignKey(Union, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    target = models.ForeignKey(Union, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField("状态", choices=TransferState.choices, default=TransferState.WAITING)
    reason = models.TextField(
        "转出原因", choices=[(reason.value, reason.label) for reason in (*LEAVING, *ENDING)], blank=True, default=""
    )
    document_on = models.DateField("申请或决定日期", null=True)  # of ENDING
    document_number = models.TextField("决定文号", blank=True, default="", db_default="")  # of an expulsion
    acknowledged_by = models.ForeignKey(  # of the superior, to whom an expulsion is reported (备案)
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    acknowledged_at = models.DateTimeField("备案时间", null=True)
    note = models.TextField("说明", blank=True, default="")
    upload = models.ForeignKey(Upload, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    act = models.UUIDField(null=True)
    asked_by = models.ForeignKey(
        User, verbose_name="申请人", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField("申请时间", db_default=Now())
    due_on = models.DateField("审核期限", null=True)  # the last day on which the asked union may answer
    attachments = models.ForeignKey(  # members released together share one
        Bundle, null=True, on_delete=models.PROTECT, related_name="transfers"
    )
    review = models.OneToOneField(Review, null=True, on_delete=models.PROTECT, related_name="transfer")
    reminded_on = models.DateField("催办日期", null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField("办理时间", null=True)
    opinion = models.TextField("审批意见", blank=True, default="")

    objects = TransferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TransferState.values), name="transfer_state_known"),
            models.CheckConstraint(
                condition=Q(way=Way.REQUEST, target__isnull=False, reason="")
                | Q(way=Way.OFFER, target__isnull=False, origin__isnull=False, reason="")
                | Q(way=Way.LEAVE, target=None, origin__isnull=False, reason__in=[*LEAVING, *ENDING]),
                name="transfer_leads_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(reason=Leaving.EXPELLED, document_on__isnull=False) & ~Q(document_number="")
                | Q(reason=Leaving.WITHDRAWN, document_on__isnull=False, document_number="")
                | ~Q(reason__in=ENDING) & Q(document_on=None, document_number=""),
                name="transfer_ends_by_document",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(reason=Leaving.EXPELLED, acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="transfer_expulsion_acknowledged",
            ),
            models.CheckConstraint(condition=Q(target=None) | ~Q(origin=F("target")), name="transfer_leads_elsewhere"),
            models.CheckConstraint(
                condition=Q(state=TransferState.WAITING, decided_at=None, origin__isnull=False, due_on__isnull=False)
                | (~Q(state=TransferState.WAITING) & Q(decided_at__isnull=False)),
                name="transfer_waits_or_is_decided",
            ),
            models.UniqueConstraint(
                "member", "target", condition=Q(state=TransferState.WAITING), name="transfer_once_per_target"
            ),
            models.UniqueConstraint(
                "member", condition=Q(state=TransferState.WAITING, way=Way.OFFER), name="transfer_one_offer"
            ),
        ]
        indexes = [
            models.Index(fields=["origin", "way", "-id"], name="transfer_origin"),
            models.Index(fields=["target", "way", "-id"], name="transfer_target"),
            models.Index(fields=["due_on"], condition=Q(state=TransferState.WAITING, review=None), name="transfer_due"),
            models.Index(fields=["-id"], condition=Q(reason=Leaving.EXPELLED), name="transfer_expulsions"),
            models.Index(
                fields=["id"],
                condition=Q(reason=Leaving.EXPELLED, state=TransferState.LEFT, acknowledged_at=None),
                name="transfer_unacknowledged",
            ),
        ]
        triggers = state_triggers("state", TRANSITIONS)

    def __str__(self) -> str:
        return f"{self.member}"

    @property
    def is_waiting(self) -> bool:
        return self.state == TransferState.WAITING

    @property
    def holder_id(self) -> int | None:
        """The grassroots union that decides, before it escalates."""
        return self.origin_id if self.way == Way.REQUEST else self.target_id

    @property
    def asker_id(self) -> int | None:
        """The union that may withdraw it and remind."""
        return self.target_id if self.way == Way.REQUEST else self.origin_id

    @property
    def undo_until(self) -> date | None:
        """The last day on which a departure may be undone."""
        if self.state != TransferState.LEFT or self.decided_at is None:
            return None
        return localdate(self.decided_at) + timedelta(days=UNDO_DAYS)

    @property
    def reminded_today(self) -> bool:
        return self.reminded_on == localdate()

    def tells_origin(self, union: Union) -> bool:
        """Whether ``union`` may read the origin: the requesting one only after the agreement."""
        return self.way != Way.REQUEST or self.target_id != union.pk or self.state == TransferState.AGREED
