"""Who changed what of a member, when (SPEC 3.8): each row that the history trigger kept, against the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import OuterRef, Subquery

from gonghui.accounts.models import User
from gonghui.audit.models import Entry
from gonghui.members.corrections.actions import values_in
from gonghui.members.field import with_mask_remark
from gonghui.members.fields import FIELDS, LABELS
from gonghui.members.models import Correction, CorrectionState, Member
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.models import Review

MAX_CHANGES = 20
"""Corrections on the page of a member's versions."""

_coded = {"status": "用户状态", "standing": "会籍", "retained_for": "保留原因"}
_shown = {**LABELS, "union": "所属工会", **_coded, "standing_on": "会籍变动日期", "has_card": "已办会员卡"}


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
    changes = []
    for old, new in pairwise([*earlier, member]):
        if differences := _differences(old, new):
            by = people.get((old.pgh_context or {}).get("user"))
            changes.append(Change(old.pgh_created_at, str(by) if by else "系统", differences))
    return changes[::-1]


def changed_by(member: Member, fields: Sequence[str]) -> dict[str, Any]:
    """What the record of an act says that has just saved these fields: their labels, and the id of the version that the
    trigger has kept. The values stay there, sealed.
    """
    kept = member.events.order_by("-pgh_id").values_list("pgh_id", flat=True).first()
    return {"fields": [LABELS[field] for field in fields], "version": kept}


def changes_recorded(entries: Sequence[Entry]) -> dict[int, list[tuple[str, str, str]]]:
    """For ``audit.hooks.RECORDED_CHANGES``: what the acts changed that recorded their ``version``; numbers masked. Three queries for all."""
    versions = {entry.pk: kept for entry in entries if (kept := entry.data.get("version"))}
    events = Member.events.rel.related_model.objects.select_related("union")
    later = events.filter(pgh_obj=OuterRef("pgh_obj"), pgh_id__gt=OuterRef("pgh_id")).order_by("pgh_id")
    rows = events.annotate(later=Subquery(later.values("pgh_id")[:1])).in_bulk(versions.values())
    followers = events.in_bulk({row.later for row in rows.values()} - {None})
    living = Member.objects.select_related("union").in_bulk({row.pgh_obj_id for row in rows.values() if not row.later})
    changes = {}
    for pk, kept in versions.items():
        old = rows.get(kept)
        new = old and (followers.get(old.later) or living.get(old.pgh_obj_id))
        if old and new:
            differences = _differences(old, new)
            changes[pk] = [(item.label, item.old, with_mask_remark(item.old, item.new)) for item in differences]
    return changes


def _differences(old: Any, new: Any) -> list[Difference]:
    return [difference for field in _shown if (difference := _difference(field, old, new))]


def _difference(name: str, old: Any, new: Any) -> Difference | None:
    if field := FIELDS.get(name):
        before, after = field.value_in(old), field.value_in(new)
        texts = [field.text(value, full=False) for value in (before, after)]
    else:
        before, after = texts = [_text(row, name) for row in (old, new)]
    return Difference(_shown[name], *texts) if before != after else None


def _text(row: Any, name: str) -> str:
    if name in _coded:
        return str(getattr(row, f"get_{name}_display")())
    value = getattr(row, name)
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
    return [_asked(row) for row in rows.order_by("-pk")[:MAX_CHANGES]]


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
