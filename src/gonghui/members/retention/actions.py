"""「保留会籍」 and back: the membership lasts, without duties, for as long as there is a reason (SPEC 3.10)."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.members.retention.guards import joining_days, require_past, under_way, wrong_day
from gonghui.members.rules import can_add_members
from gonghui.members.standings import NO_OFFICE, RetainedFor, StandingState, may_hold_office
from gonghui.unions.models import Union

verbs.register(member__retained="保留会籍", member__resumed="恢复会籍")
verbs.facts("member", reason=("原因", RetainedFor), on="日期", members="")

MAX_CHANGED = 1_000
"""Members whose standing is changed by one act."""

_NAMED = 5


def retain(union: Union, ids: Sequence[int], *, reason: str, on: date, by: User) -> int:
    """Retains the membership of all of these members, since ``on``; returns for how many that changed anything.

    All or nothing. Raises Refused: ``by`` may not, no reason, a day that cannot be, or one of the members is not (any
    more) the union's, holds an office, or has a transfer, a card or a correction under way.
    """
    if reason not in RetainedFor.values:
        raise Refused("请选择保留会籍的原因。", field="reason")
    require_past(on, "保留会籍的日期", field="on")
    with transaction.atomic():
        members = _locked(union, ids, by)
        columns = {"standing": StandingState.RETAINED, "retained_for": reason, "standing_on": on}
        changed = [member for member in members if any(getattr(member, name) != columns[name] for name in columns)]
        problems = under_way(changed) | _wrong_days(changed, on, "保留会籍的日期")
        _require_none({**_offices(changed), **problems}, changed, "没有保留任何人的会籍")
        newly = sum(member.standing != StandingState.RETAINED for member in changed)
        _change(union, changed, columns, newly)
        _record("member.retained", changed, by=by, union=union, reason=reason, on=on)
    return len(changed)


def resume(union: Union, ids: Sequence[int], *, on: date, by: User) -> int:
    """「恢复会籍」 of retained members, since ``on``; returns of how many. Raises Refused as `retain`."""
    require_past(on, "恢复会籍的日期", field="on")
    with transaction.atomic():
        members = _locked(union, ids, by)
        changed = [member for member in members if member.standing == StandingState.RETAINED]
        problems = under_way(changed) | _wrong_days(changed, on, "恢复会籍的日期")
        _require_none(problems, changed, "没有恢复任何人的会籍")
        _change(
            union, changed, {"standing": StandingState.NORMAL, "retained_for": "", "standing_on": on}, -len(changed)
        )
        _record("member.resumed", changed, by=by, union=union, on=on)
    return len(changed)


def _locked(union: Union, ids: Sequence[int], by: User) -> list[Member]:
    """The union's row, then its members, as whoever moves a member locks them."""
    if not ids:
        raise Refused("请先在会员列表中勾选会员。")
    if len(ids) > MAX_CHANGED:
        raise Refused(f"一次最多办理 {MAX_CHANGED:,} 名会员，请减少勾选后再试。")
    union = Union.objects.select_for_update(of=("self",), no_key=True).get(pk=union.pk)
    require(can_add_members, by, union, sentence="只有审核通过的工会的经办人可以办理会籍变动。")
    members = list(Member.objects.filter(pk__in=ids).select_for_update().order_by("pk"))
    ours = [member for member in members if member.union_id == union.pk]
    if gone := len(set(ids)) - len(ours):
        raise Refused(f"勾选的会员中有 {gone} 人已不在本工会（可能刚刚转出），没有办理。请刷新会员列表，重新勾选。")
    return ours


def _wrong_days(members: Sequence[Member], day: date, word: str) -> dict[int, str]:
    joined = joining_days(members)
    problems = {member.pk: wrong_day(member, day, word, joined.get(member.pk)) for member in members}
    return {pk: problem for pk, problem in problems.items() if problem}


def _offices(members: Sequence[Member]) -> dict[int, str]:
    return {
        member.pk: f"担任{member.get_position_display()}，{NO_OFFICE}，请先在“编辑”中改为“会员”"
        for member in members
        if not may_hold_office(StandingState.RETAINED, member.position)
    }


def _require_none(problems: dict[int, str], members: Sequence[Member], nothing: str) -> None:
    """Raises Refused that names the first few of those who have a problem."""
    wrong = [f"{member.name}：{problems[member.pk]}" for member in members if member.pk in problems]
    if wrong:
        more = f"等 {len(wrong)} 人" if len(wrong) > _NAMED else ""
        raise Refused(f"{'；'.join(wrong[:_NAMED])}{more}。{nothing}，请处理或取消勾选后再提交。")


def _change(union: Union, members: Sequence[Member], columns: dict[str, object], newly: int) -> None:
    Member.objects.filter(pk__in=[member.pk for member in members]).update(**columns)
    if newly:
        Union.objects.filter(pk=union.pk).update(retained_count=Greatest(F("retained_count") + newly, 0))


def _record(verb: str, members: Sequence[Member], *, by: User, union: Union, on: date, **data: str) -> None:
    """One entry for an act on several; each member has a history of his or her own."""
    if members:
        about = members[0] if len(members) == 1 else None
        ids = [member.pk for member in members]
        record(verb, about, by=by, union=union, count=len(ids), on=on.isoformat(), members=ids, **data)
