"""What a change of a member's standing waits for, and which days it may have; departures ask it too (SPEC 3.10)."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.timezone import localdate

from gonghui.kit.errors import Refused
from gonghui.members.hooks import leave_blockers, pending_departures
from gonghui.members.models import Member, Membership
from gonghui.members.states import CorrectionState


def under_way(members: Sequence[Member]) -> dict[int, str]:
    """Who has a transfer, a card or a correction under way: each with a sentence without its full stop, and the way out."""
    ids = [member.pk for member in members]
    held = {
        member.pk: "信息修改正在等待上级工会审核，请等待审核结果，或在会员页面撤回申请"
        for member in members
        if member.correction == CorrectionState.PENDING
    }
    held |= {pk: f"{why}，请先在“会员转出审核”中答复或撤回" for pk, why in pending_departures(ids).items()}
    held |= {pk: f"{why}，请先在“会员服务卡管理”中办完或撤回" for pk, why in leave_blockers(ids).items()}
    return held


def joining_days(members: Sequence[Member]) -> Mapping[int, date]:
    """When each of them joined the union that he or she is in: by the register, or earlier by 入会日期."""
    present = Membership.objects.filter(member__in=[member.pk for member in members], ended_on=None)
    began = dict(present.values_list("member", "began_on"))
    days = {member.pk: [day for day in (member.joined_on, began.get(member.pk)) if day] for member in members}
    return {pk: min(known) for pk, known in days.items() if known}


def require_past(day: date, word: str, *, field: str) -> None:
    """Raises Refused for a day that is still to come."""
    today = localdate()
    if day > today:
        raise Refused(f"{word} {day:%Y-%m-%d} 晚于今天（{today:%Y-%m-%d}），请改正。", field=field)


def wrong_day(member: Member, day: date, word: str, joined: date | None) -> str:
    """Before which of the member's days ``day`` is, both named, as a sentence without its full stop; "" if it is right."""
    days = (("出生日期", member.born_on), ("入会日期", joined), ("会籍变动日期", member.standing_on))
    for name, earlier in days:
        if earlier and day < earlier:
            return f"{word} {day:%Y-%m-%d} 早于{name} {earlier:%Y-%m-%d}，请核对"
    return ""
