"""What an officer says of a check at another hospital, checked: for the action alone (SPEC 6.7)."""

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from django.utils.timezone import localdate

from gonghui.bookings.models import Programme
from gonghui.bookings.sentences import second
from gonghui.bookings.states import Phase, ProgrammeState
from gonghui.kit.errors import Refused
from gonghui.kit.names import visible
from gonghui.kit.normal import normalized

DAYS_AFTER = 60
"""Days after the end of the programme in which an invoice is still taken."""
MAX_HOSPITAL = 60
MAX_AMOUNT = Decimal(100_000)
_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]{3,29}")


@dataclass(frozen=True)
class Invoice:
    """Where and when somebody was checked, and what was paid. ``stated`` are codes.Stated."""

    hospital: str
    checked_on: date
    number: str
    amount: Decimal
    stated: list[str] = field(default_factory=list)


def require_taken(programme: Programme) -> None:
    """Raises Refused unless the programme takes invoices now: from its opening until DAYS_AFTER its end."""
    if not programme.takes_self_checks:
        raise Refused("这个项目不接受外院自检。")
    if programme.state == ProgrammeState.CANCELLED:
        raise Refused("这个项目已经取消，不再接受外院自检。")
    if programme.phase in (Phase.DRAFT, Phase.PLANNED, Phase.PUBLISHED):
        opens = f"报名于 {second(programme.opens_at)} 开始，" if programme.opens_at else ""
        raise Refused(f"{opens}外院自检到时才能提交。")
    if (last := last_day(programme)) and localdate() > last:
        raise Refused(f"这个项目的外院自检已于 {last} 截止，不再接受。如有特殊情况，请联系发布项目的工会。")


def last_day(programme: Programme) -> date | None:
    """The last day on which an invoice is taken."""
    return programme.ends_on + timedelta(days=DAYS_AFTER) if programme.ends_on else None


def is_taking(programme: Programme) -> bool:
    """Whether `require_taken` would pass: for a button."""
    try:
        require_taken(programme)
    except Refused:
        return False
    return True


def days_of(programme: Programme) -> tuple[date, date]:
    """The first and last day on which one may have been checked: from the year in which the programme was published to
    that in which it ends, and not after today."""
    today = localdate()
    published, ends = localdate(programme.publishes_at), programme.ends_on or today
    return date(published.year, 1, 1), min(today, date(ends.year, 12, 31))


def cleaned(said: Invoice, programme: Programme) -> Invoice:
    """The same in its one spelling, so that an invoice is known again. Raises Refused with the field."""
    hospital = visible(said.hospital)
    if not 2 <= len(hospital) <= MAX_HOSPITAL:
        raise Refused(f"请填写发票上的医院全称，2 至 {MAX_HOSPITAL} 个字。", field="hospital")
    number = "".join(normalized("NFKC", visible(said.number)).split()).upper()
    if not _NUMBER.fullmatch(number):
        raise Refused("发票号码不正确：请按发票填写，4 至 30 位数字、字母或短横线。", field="number")
    if not 0 < said.amount <= MAX_AMOUNT:
        raise Refused(f"发票金额要大于 0，不超过 {MAX_AMOUNT:,} 元，请核对。", field="amount")
    first, last = days_of(programme)
    if not first <= said.checked_on <= last:
        raise Refused(f"体检日期请填写 {first} 至 {last} 之间的一天。", field="checked_on")
    return replace(said, hospital=hospital, number=number)
