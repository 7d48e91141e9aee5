"""How corrections use the approval engine: old and new side by side, the document checked again (SPEC 3.8)."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse

from gonghui.accounts.models import User
from gonghui.audit.actions import record
from gonghui.kit.documents import Invalid, check_document, mask_number
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id
from gonghui.kit.sealing import owner_of
from gonghui.members.corrections.actions import values_in
from gonghui.members.encryption import to_columns
from gonghui.members.field import with_mask_remark
from gonghui.members.fields import FIELDS, LABELS
from gonghui.members.models import Correction, Member
from gonghui.members.register.history import changed_by
from gonghui.members.states import CorrectionState
from gonghui.members.validation import document_key
from gonghui.notices.actions import notify_officers
from gonghui.reviews.kinds import Change, Check, ReviewKind
from gonghui.reviews.models import Review, ReviewState, Step
from gonghui.reviews.scans import ScanKind, Scans
from gonghui.unions.models import Union

TAKEN = "这个证件号码已是会员库中另一名会员的，请退回，由经办人核对证件"
MOVED = "申请提交之后，这名会员的资料已有变化，不能按原来的对照通过。请退回，由经办人重新提交。"


class CorrectionKind(ReviewKind):
    """A change of what a member's card shows."""

    code = "correction"
    label = "会员信息修改"
    exclusive = False
    locks_union = True
    has_secrets = True
    old_heading = "现在的资料"
    new_heading = "申请修改为"
    scans = Scans(allowed=(ScanKind.DOCUMENT,))

    def rounds(self, about: str, union: Union) -> QuerySet[Review]:
        return super().rounds(about, union).filter(correction__member=row_id(about) or 0)

    def may_attach(self, about: str, user: User) -> bool:
        """Allows scans for a member of the user's own union with a card: changes of other members take effect at once."""
        return Member.objects.visible_to(user).filter(pk=row_id(about) or 0, has_card=True).exists()

    def changes(self, review: Review) -> Sequence[Change]:
        """Returns the changes with masked numbers; a remark says if a number differs only behind the mask."""
        return [_masked(change) for change in self.full_changes(review)]

    def full_changes(self, review: Review) -> Sequence[Change]:
        correction = review.correction
        old, new = _values(correction)
        number = correction.member.number
        return [
            Change("会员编号", number, number),
            *(
                Change(field.label, *(field.text(values[name], full=True) for values in (old, new)))
                for name, field in FIELDS.items()
                if name in new
            ),
        ]

    def prepare(self, reviews: Sequence[Review]) -> dict[int, Correction]:
        corrections = Correction.objects.filter(review__in=reviews).select_related("member")
        return {correction.review_id: correction for correction in corrections}

    def checks(self, review: Review, correction: Correction) -> Sequence[Check]:
        if review.state != ReviewState.PENDING:
            return ()
        (old, new), member = _values(correction), correction.member
        return [*_check_unchanged(member, old), *_check_document(member, new), *_check_name(old, new)]

    def on_approved(self, review: Review, step: Step, *, by: User) -> None:
        member, correction = _locked(review)
        old, new = _values(correction)
        if member.union_id != review.union_id or any(getattr(member, field) != value for field, value in old.items()):
            raise Refused(MOVED)
        columns = to_columns(new, owner_of(member)) | {"correction": ""}
        if {"document_type", "document_number"} & set(new):
            columns |= {"document_hash": _key(member, new), "document_type": _document(member, new)[0]}
        try:
            with transaction.atomic():
                member.save_columns(columns)
        except IntegrityError as error:
            raise Refused(f"不能通过：{TAKEN}。") from error
        record("member.corrected", member, by=by, union=review.union, **changed_by(member, list(new)))
        _notify_union(review, member, f"{member.name}的信息修改已审核通过", "新的资料已生效。")

    def on_refused(self, review: Review, step: Step, *, by: User) -> None:
        member, _ = _locked(review)
        member.save_columns({"correction": CorrectionState.RETURNED})
        record("member.correction_refused", member, by=by, union=review.union)
        _notify_union(
            review,
            member,
            f"{member.name}的信息修改被退回",
            f"审批意见：{step.opinion}。原来的资料不变，可以改正后重新提交。",
        )

    def on_withdrawn(self, review: Review, *, by: User) -> None:
        member, _ = _locked(review)
        member.save_columns({"correction": ""})
        record("member.correction_withdrawn", member, by=by, union=review.union)


def _values(correction: Correction) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns the old and the new values."""
    return values_in(correction, "base_sealed"), values_in(correction, "proposed_sealed")


def _locked(review: Review) -> tuple[Member, Correction]:
    correction = Correction.objects.get(review=review)
    return Member.objects.select_for_update().get(pk=correction.member_id), correction


def _notify_union(review: Review, member: Member, title: str, body: str) -> None:
    notify_officers([review.union_id], title, body=body, url=reverse("members:view", args=[member.pk]))


def _document(member: Member, new: dict[str, Any]) -> tuple[str, str]:
    """Returns type and number after the change; the number determines the type, also for requests of earlier versions."""
    kind, number = new.get("document_type", member.document_type), new.get("document_number", member.document_number)
    with suppress(Invalid):
        kind = check_document(kind, number).doc_type
    return kind, number


def _key(member: Member, new: dict[str, Any]) -> bytes:
    return document_key(*_document(member, new))


def _masked(change: Change) -> Change:
    if change.label != LABELS["document_number"]:
        return change
    old, new = mask_number(change.old or ""), mask_number(change.new)
    return Change(change.label, old, with_mask_remark(old, new) if change.differs else new)


def _check_unchanged(member: Member, old: dict[str, Any]) -> list[Check]:
    is_unchanged = all(getattr(member, field) == value for field, value in old.items())
    return [
        Check("ok", "现在的资料与提交时一致")
        if is_unchanged
        else Check("bad", "提交之后会员资料已有变化，请退回重新提交")
    ]


def _check_document(member: Member, new: dict[str, Any]) -> list[Check]:
    if not {"document_type", "document_number"} & set(new):
        return []
    is_duplicate = Member.objects.filter(document_hash=_key(member, new)).exclude(pk=member.pk).exists()
    return [Check("bad", TAKEN) if is_duplicate else Check("ok", "证件号码符合规则，没有被其他会员使用")]


def _check_name(old: dict[str, Any], new: dict[str, Any]) -> list[Check]:
    if "name" not in new:
        return []
    if not set(old["name"]) & set(new["name"]):
        return [Check("look", "新旧姓名没有相同的字，请核对是否为同一人")]
    return [Check("ok", "新旧姓名相近")]
