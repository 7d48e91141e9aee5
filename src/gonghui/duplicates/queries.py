"""What waits for a user, the differences of two records, and where the audit finds them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F, Q
from django.urls import reverse

from gonghui.accounts.hooks import WorkItem
from gonghui.accounts.models import User
from gonghui.audit.hooks import References
from gonghui.duplicates.choosing import named
from gonghui.duplicates.models import Merge, Pair
from gonghui.duplicates.rules import can_see_duplicates, can_work
from gonghui.duplicates.states import MergeState, PairState
from gonghui.kit.crypto import fingerprint
from gonghui.members.collected import collected
from gonghui.members.models import Member
from gonghui.members.register.actions import version_of as member_version
from gonghui.members.rules import can_add_members
from gonghui.notices.hooks import TaskKind

CONSENT = "duplicates.consent"
DECISION = "duplicates.decision"


def work(user: User) -> Iterator[WorkItem]:
    """The pairs of the user's own level, and what its union was asked to agree to, for ``accounts.hooks.worklist``."""
    union = user.union
    if union is None or not can_see_duplicates(user):
        return
    yield WorkItem(
        label="疑似重复会员待核对",
        rows=Pair.objects.visible_to(user).filter(owner=union, state=PairState.PENDING).order_by("found_at"),
        since=F("found_at"),
        menu="members:list",
        url=f"{reverse('duplicates:list')}?level=own&state=pending",
        unit="对",
        button="核对",
        mine=can_work(user),
    )
    if union.is_grassroots:
        yield WorkItem(
            label="重复会员合并待同意",
            rows=Merge.objects.to_answer(user).filter(state=MergeState.WAITING).order_by("asked_at"),
            since=F("asked_at"),
            due=F("due_on"),
            menu="members:list",
            url=reverse("duplicates:asked"),
            button="答复",
            mine=can_add_members(user, union),
        )
    else:
        yield WorkItem(
            label="逾期未答复的合并待决定",
            rows=Merge.objects.to_decide(user).order_by("due_on", "pk"),
            since=F("asked_at"),
            due=F("due_on"),
            menu="members:list",
            url=_waiting(),
            unit="对",
            button="决定",
            mine=can_work(user),
        )


def task_kinds() -> list[TaskKind]:
    """For ``notices.hooks.task_kinds``."""
    return [
        TaskKind(CONSENT, "重复会员合并待同意", reverse("duplicates:asked")),
        TaskKind(DECISION, "逾期未答复的合并待决定", _waiting()),
    ]


def _waiting() -> str:
    return f"{reverse('duplicates:list')}?level=own&state=waiting"


def audited(number: str) -> References:
    """Yields the pairs of the member, for ``audit.hooks.references_to_member``."""
    pairs = Pair.objects.filter(Q(member__number=number) | Q(other__number=number))
    yield "duplicates.pair", pairs.values_list("pk", flat=True)


def version_of(pair: Pair) -> str:
    """A keyed hash of both records as a page shows them, by which a form detects a change since."""
    parts = [pair.state]
    for member in (pair.member, pair.other):
        parts += [member_version(member), str(member.union_id), member.standing, str(member.has_card)]
    return fingerprint("\n".join(parts)).hex()[:32]


@dataclass(frozen=True)
class Compared:
    """One line of the side by side, masked or in full; ``differs`` by the stored values, also where masks are equal.

    ``kept``: whose value a merge keeps, where that is asked for.
    """

    label: str
    main: str
    other: str
    differs: bool
    is_number: bool = False
    kept: str = ""


class Comparison(NamedTuple):
    differing: list[Compared]
    same: list[Compared]


def compared(
    main: Member,
    other: Member,
    *,
    full: bool = False,
    without: Collection[str] = (),
    chosen: Mapping[str, str] | None = None,
) -> Comparison:
    """The fields in which at least one record has a value, but for those ``without``."""
    whose = {name: which for choice, which in (chosen or {}).items() for name in named([choice])}
    lines = [Compared("会员编号", main.number, other.number, True, is_number=True)]
    for field in collected().fields:
        values = [getattr(one, field.name) for one in (main, other)]
        if any(values) and field.name not in without:
            texts = [field.text(value, full=full) or "-" for value in values]
            differs = values[0] != values[1]
            kept = whose.get(field.name, "") if differs else ""
            lines.append(Compared(field.label, texts[0], texts[1], differs, field.is_number, kept))
    for label, values in (
        ("工会", [str(one.union or "无工会") for one in (main, other)]),
        ("会籍", [one.get_standing_display() for one in (main, other)]),
        ("已办会员卡", ["是" if one.has_card else "否" for one in (main, other)]),
        ("登记时间", [f"{one.created_at:%Y-%m-%d}" for one in (main, other)]),
    ):
        lines.append(Compared(label, values[0], values[1], values[0] != values[1]))
    return Comparison([line for line in lines if line.differs], [line for line in lines if not line.differs])
