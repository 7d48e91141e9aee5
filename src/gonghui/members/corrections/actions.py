"""Name, document and birth date of a member with a card: changed by the superior's review (SPEC 3.8).

The card shows them, so after a change by the union alone the card would differ from the register. All other values
change at once, also when one form contains both.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.kit.excel import CellKind
from gonghui.kit.sealing import opened, purpose
from gonghui.members.fields import FIELDS, LABELS, MemberValues
from gonghui.members.models import Correction, Member
from gonghui.members.states import CorrectionState
from gonghui.reviews import actions as reviews
from gonghui.reviews.actions import void
from gonghui.reviews.models import Review, ReviewPart, ReviewState

verbs.register(
    member__correction_submitted="提交会员信息修改",
    member__corrected="会员信息修改通过",
    member__correction_refused="会员信息修改退回",
    member__correction_withdrawn="撤回会员信息修改",
)

GUARDED = [field.name for field in FIELDS.values() if field.on_card]
"""The fields on a card. The sex changes with the number, which contains it (GB 11643)."""

WAITS = "这名会员的姓名、证件或出生日期的修改正在等待上级工会审核，不能再次提交。请等待审核结果，或先撤回再修改；其他资料可以照常修改。"


def guarded(has_card: bool, changed: Sequence[str]) -> list[str]:
    """Returns a member's changed fields that need a review."""
    for_review = [field for field in changed if field in GUARDED] if has_card else []
    return [*for_review, "sex"] if "document_number" in for_review and "sex" in changed else for_review


def submit_correction(member: Member, values: MemberValues, fields: Sequence[str], *, by: User) -> Correction:
    """Submits the change of ``fields`` to the superior; the caller holds the member's row and has checked the rule.

    Raises Refused when another correction of the member is under review.
    """
    from gonghui.members.corrections.review import CorrectionKind

    if member.correction == CorrectionState.PENDING:
        raise Refused(WAITS)
    union = member.union
    if union is None or union.superior is None:
        raise Refused("本工会还没有上级工会，不能提交审核。")
    owner = uuid4()
    earlier = Correction.objects.filter(member=member).count()
    review = reviews.submit(
        CorrectionKind,
        union=union,
        title=str(member),
        superiors={ReviewPart.SUPERIOR: union.superior},
        by=by,
        round=earlier + 1,
        about=str(member.pk),
    )
    correction = Correction.objects.create(
        review=review,
        member=member,
        seal_id=owner,
        base_sealed=_BASE.seal(_packed(member, fields), owner),
        proposed_sealed=_PROPOSED.seal(_packed(values, fields), owner),
    )
    member.save_columns({"correction": CorrectionState.PENDING})
    record("member.correction_submitted", member, by=by, union=union, fields=[LABELS[field] for field in fields])
    return correction


def withdraw_correction(member: Member, *, by: User) -> None:
    """Withdraws the member's correction. Raises Refused: none is under review, or ``by`` may not."""
    review = Review.objects.filter(correction__member=member, state=ReviewState.PENDING).first()
    if review is None:
        raise Refused("这名会员没有正在审核的修改，可能已有审核结果。请刷新页面查看。")
    with transaction.atomic():
        reviews.withdraw(review, by=by)


def lapse_corrections(members: Sequence[int]) -> None:
    """Voids the corrections of members who move: they wait for a superior who is no longer responsible."""
    marked = Member.objects.filter(pk__in=members).exclude(correction="")
    ids = list(marked.values_list("pk", flat=True))
    if ids:
        void(Review.objects.filter(correction__member__in=ids))
        Member.objects.filter(pk__in=ids).update(correction="")


def values_in(correction: Correction, column: str) -> dict[str, Any]:
    """Returns the values in a sealed column of a correction, typed as in MemberValues."""
    values = json.loads(opened(correction, column))
    dates = {
        field: date.fromisoformat(text)
        for field, text in values.items()
        if text and FIELDS[field].kind == CellKind.DATE
    }
    return values | dates


_BASE, _PROPOSED = purpose(Correction, "base_sealed"), purpose(Correction, "proposed_sealed")


def _packed(values: Member | MemberValues, fields: Sequence[str]) -> str:
    by_field = {field: getattr(values, field) for field in fields}
    texts = {key: value.isoformat() if isinstance(value, date) else value for key, value in by_field.items()}
    return json.dumps(texts, ensure_ascii=False)
