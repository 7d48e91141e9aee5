"""Who changed what of a member, and when (SPEC 3.8): compares each row of the history with the next one."""

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
from gonghui.members.models import Correction, Member
from gonghui.members.states import CorrectionState
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.models import Review

MAX_CHANGES = 20
"""Maximum number of corrections on the page of a member's versions."""

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
    """One act that changed the member: when, by whom, and which fields."""

    at: datetime
    by: str
    differences: Sequence[Difference]


def changes_of(member: Member) -> list[Change]:
    """Returns all changes of the member, newest first."""
    earlier = list(member.events.select_related("union").order_by("pgh_id"))
    people = User.objects.in_bulk({context.get("user") for row in earlier if (context := row.pgh_context)} - {None})
    changes = []
    for old, new in pairwise([*earlier, member]):
        if differences := _differences(old, new):
            by = people.get((old.pgh_context or {}).get("user"))
            changes.append(Change(old.pgh_created_at, str(by) if by else "系统", differences))
    return changes[::-1]


def changed_by(member: Member, fields: Sequence[str]) -> dict[str, Any]:
    """Returns the data of the record of an act that has just saved these fields: labels, and the id of the earlier
    version.

    The sealed values are only in that version, which the trigger stored.
    """
    kept = member.events.order_by("-pgh_id").values_list("pgh_id", flat=True).first()
    return {"fields": [LABELS[field] for field in fields], "version": kept}


def changes_recorded(entries: Sequence[Entry]) -> dict[int, list[tuple[str, str, str]]]:
    """Returns the changes of acts with a recorded ``version``, masked, for ``audit.hooks.RECORDED_CHANGES``; 3 queries."""
    versions = {entry.pk: version for entry in entries if (version := entry.data.get("version"))}
    events = Member.events.rel.related_model.objects.select_related("union")
    later = events.filter(pgh_obj=OuterRef("pgh_obj"), pgh_id__gt=OuterRef("pgh_id")).order_by("pgh_id")
    rows = events.annotate(later=Subquery(later.values("pgh_id")[:1])).in_bulk(versions.values())
    followers = events.in_bulk({row.later for row in rows.values()} - {None})
    current = Member.objects.select_related("union").in_bulk({row.pgh_obj_id for row in rows.values() if not row.later})
    changes = {}
    for pk, version in versions.items():
        old = rows.get(version)
        new = old and (followers.get(old.later) or current.get(old.pgh_obj_id))
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
    """One correction: the requested changes, and the result of its review."""

    review: Review
    differences: Sequence[Difference]
    opinion: str


def corrections_of(member: Member) -> list[Asked]:
    """Returns the newest corrections in any state, with masked numbers."""
    rows = member.corrections.select_related("review__submitted_by").prefetch_related("review__steps")
    return [_outcome_of(row) for row in rows.order_by("-pk")[:MAX_CHANGES]]


def newest_correction(member: Member) -> Asked | None:
    """Returns the correction to which ``Member.correction`` refers."""
    return next(iter(corrections_of(member)), None)


def proposed_again(member: Member) -> dict[str, Any]:
    """Returns the values of the newest returned correction, to be corrected and submitted again."""
    if member.correction != CorrectionState.RETURNED:
        return {}
    newest = member.corrections.order_by("-pk").first()
    return values_in(newest, "proposed_sealed") if newest else {}


def _outcome_of(correction: Correction) -> Asked:
    kind = KINDS[correction.review.kind]
    changes = [change for change in kind.changes(correction.review) if change.differs]
    opinions = [step.opinion for step in correction.review.steps.all() if step.decision]
    differences = [Difference(change.label, change.old or "", change.new) for change in changes]
    return Asked(correction.review, differences, "".join(opinions))
