"""Who is told of a check at another hospital: the publisher that one waits, the officers what became of it."""

from gonghui.accounts.models import User
from gonghui.bookings.models import SelfCheck
from gonghui.bookings.programmes.figures import money
from gonghui.bookings.sentences import SELF_CHECKS
from gonghui.bookings.states import SelfCheckState
from gonghui.notices.actions import notify, notify_officers, settle
from gonghui.unions.models import Union

WAITING = "booking.selfcheck"
"""The kind of notices that ask for a decision."""


def address_of(check: SelfCheck) -> str:
    return f"{SELF_CHECKS}{check.pk}/"


def task_of(check: SelfCheck) -> str:
    return f"selfcheck:{check.pk}"


def notify_sent(check: SelfCheck) -> None:
    """The administrators of the union that has published."""
    notify(
        User.objects.administrators().filter(union=check.programme.publisher_id).order_by("pk"),
        f"外院自检待审核：{check.programme}",
        body=f"{check.union}提交了{check.member.name}的外院自检",
        url=address_of(check),
        tasks=[task_of(check)],
        kind=WAITING,
    )


def settle_sent(check: SelfCheck) -> None:
    """Their notice asks for nothing any more."""
    settle([task_of(check)])


def notify_moved(check: SelfCheck, to: Union | None, what: str) -> None:
    """The member of one that waits has moved: the officers of the union that answered for it, and of the new one."""
    said = f"{check.programme}：{check.member.name}的外院自检{what}"
    notify_officers([check.union_id], "外院自检有变化", body=said, url=address_of(check))
    if to:
        notify_officers([to.pk], "转入的会员有外院自检", body=said, url=SELF_CHECKS)


def notify_decided(check: SelfCheck) -> None:
    """The officers of the union: accepted with the money, or refused with the reason."""
    accepted = check.state == SelfCheckState.ACCEPTED
    said = f"可报销 {money(check.paid)} 元，已记入会员参加记录" if accepted else f"原因：{check.opinion}"
    notify_officers(
        [check.union_id],
        f"{check.member.name}的外院自检{check.get_state_display()}",
        body=f"{check.programme}。{said}",
        url=address_of(check),
    )
