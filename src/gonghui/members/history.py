"""Who changed what of a member, when (SPEC 3.8): each row that the history trigger kept, against the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import OuterRef, Subquery

from gonghui.accounts.models import User
from gonghui.audit.models import Entry
from gonghui.kit.documents import mask_address, mask_mobile, mask_number
from gonghui.kit.sealing import opened
from gonghui.members.corrections import values_in
from gonghui.members.models import Correction, CorrectionState, Member
from gonghui.members.values import LABELS
from gonghui.reviews.kinds import KINDS
from gonghui.reviews.models import Review

SHOWN = 20
"""Corrections on the page of a member's versions."""

_shown = {**LABELS, "union": "所属工会", "status": "用户状态", "has_card": "已办会员卡"}
_masks = {"document_number": ("document_sealed", mask_number), "mobile": ("mobile_sealed", mask_mobile)}
_masks["address"] = ("address_sealed", mask_address)


@dataclass(frozen=True)
class Difference:
    """One field's old and new text as shown; ``hidden`` if they differ only where they are masked."""

    label: str
    old: str
    new: str

    @property
    def hidden(self) -> bool:
        return self.old == self.new


@dataclass(frozen=True)
class Change:
    """One act that changed the member: who, when, and which fields."""

    at: datetime
    by: str
    differences: Sequence[Difference]


def changes_of(member: Member) -> list[Change]:
    """Every change of the member, newest first."""
    earlier = list(member.events.select_related("union").order_by("pgh_id"))
    people = User.objects.in_bulk({context.get("user") for row in earlier if (context := row.pgh_context)} - {None})
    found = []
    for old, new in pairwise([*earlier, member]):
        differences = [one for field in _shown if (one := _difference(field, old, new))]
        if differences:
            by = people.get((old.pgh_context or {}).get("user"))
            found.append(Change(old.pgh_created_at, str(by) if by else "系统", differences))
    return found[::-1]


def changed_by(member: Member, fields: Sequence[str]) -> dict[str, Any]:
    """What the record of an act says that has just saved these fields: their labels, and the id of the version that the
    trigger has kept. The values stay there, sealed.
    """
    kept = member.events.order_by("-pgh_id").values_list("pgh_id", flat=True).first()
    return {"fields": [LABELS[field] for field in fields], "version": kept}


def changes_recorded(entries: Sequence[Entry]) -> dict[int, list[tuple[str, str, str]]]:
    """For ``audit.subjects``: what the acts changed that recorded their ``version``; numbers masked. Three queries for all."""
    versions = {entry.pk: kept for entry in entries if (kept := entry.data.get("version"))}
    events = Member.events.rel.related_model.objects.select_related("union")
    later = events.filter(pgh_obj=OuterRef("pgh_obj"), pgh_id__gt=OuterRef("pgh_id")).order_by("pgh_id")
    rows = events.annotate(later=Subquery(later.values("pgh_id")[:1])).in_bulk(versions.values())
    followers = events.in_bulk({row.later for row in rows.values()} - {None})
    living = Member.objects.select_related("union").in_bulk({row.pgh_obj_id for row in rows.values() if not row.later})
    found = {}
    for pk, kept in versions.items():
        old = rows.get(kept)
        new = old and (followers.get(old.later) or living.get(old.pgh_obj_id))
        if old and new:
            differences = (one for field in _shown if (one := _difference(field, old, new)))
            found[pk] = [
                (one.label, one.old, f"{one.new}（与原来不同）" if one.hidden else one.new) for one in differences
            ]
    return found


def shown(field: str, value: Any) -> str:
    """A field's value as a page may show it: a code's label, number, mobile and address masked."""
    if field in _masks:
        return _masks[field][1](value or "")
    if hasattr(Member, f"get_{field}_display"):
        return str(getattr(Member(**{field: value}), f"get_{field}_display")())
    return "" if value is None else str(value)


def _difference(field: str, old: Any, new: Any) -> Difference | None:
    if field in _masks:
        column, mask = _masks[field]
        before, after = opened(old, column), opened(new, column)
        return Difference(_shown[field], mask(before), mask(after)) if before != after else None
    before, after = _text(old, field), _text(new, field)
    return Difference(_shown[field], before, after) if before != after else None


def _text(row: Any, field: str) -> str:
    if hasattr(row, f"get_{field}_display"):
        return str(getattr(row, f"get_{field}_display")())
    value = getattr(row, field)
    return {True: "是", False: "否", None: ""}.get(value, str(value))


@dataclass(frozen=True)
class Asked:
    """One correction: what was asked for, and what its review came to."""

    review: Review
    differences: Sequence[Difference]
    opinion: str


def corrections_of(member: Member) -> list[Asked]:
    """The newest corrections asked for, whatever became of them; numbers masked."""
    rows = member.corrections.select_related("review__submitted_by").prefetch_related("review__steps")
    return [_asked(one) for one in rows.order_by("-pk")[:SHOWN]]


def newest_correction(member: Member) -> Asked | None:
    """The one that ``Member.correction`` speaks of."""
    return next(iter(corrections_of(member)), None)


def proposed_again(member: Member) -> dict[str, Any]:
    """What the newest returned correction had asked for, to be mended and sent again."""
    if member.correction != CorrectionState.RETURNED:
        return {}
    newest = member.corrections.order_by("-pk").first()
    return values_in(newest, "proposed_sealed") if newest else {}


def _asked(correction: Correction) -> Asked:
    kind = KINDS[correction.review.kind]
    changes = [change for change in kind.changes(correction.review) if change.differs]
    opinions = [step.opinion for step in correction.review.steps.all() if step.decision]
    differences = [Difference(change.label, change.old or "", change.new) for change in changes]
    return Asked(correction.review, differences, "".join(opinions))
