"""Answers to a transfer: by the asked union, by its superior after the deadline, and by events (SPEC 3.6)."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import uuid4

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.kit.errors import Refused
from gonghui.members.hooks import leave_blockers
from gonghui.members.memberships import move
from gonghui.members.models import Membership
from gonghui.transfers.bulk_result import BulkResult
from gonghui.transfers.closing import close, locked, record_all
from gonghui.transfers.locks import require_officer
from gonghui.transfers.models import Transfer, TransferState, Way
from gonghui.transfers.notifications import notify_requesters
from gonghui.transfers.rules import can_answer
from gonghui.unions.models import UnionState

verbs.register(transfer__agreed="同意会员转移", transfer__refused="不同意会员转移")

MAX_OPINION = 200
ELSEWHERE = "该会员已转到其他工会"


def answer(ids: Sequence[int], *, agree: bool, opinion: str, by: User) -> BulkResult:
    """Agrees to transfers that ask ``by``'s union, or refuses them with a reason; skips the impossible ones.

    Raises Refused when there are no transfers, a refusal has no reason, or ``by`` may not.
    """
    opinion = opinion.strip()
    if len(opinion) > MAX_OPINION:
        raise Refused(f"审批意见不能超过 {MAX_OPINION} 个字。", field="opinion")
    if not agree and not opinion:
        raise Refused("不同意时必须填写原因，申请方会看到。", field="opinion")
    if by.union is None or not ids:
        raise Refused("请先勾选要审核的会员。")
    with transaction.atomic():
        transfers = locked(ids, by)
        require_officer(by, by.union)
        answerable = [transfer for transfer in transfers if by.union_id == transfer.holder_id]
        outcome = BulkResult(gone=len(set(ids)) - len(answerable))
        reasons = leave_blockers([transfer.member_id for transfer in answerable]) if agree else {}
        for transfer in answerable:
            if problem := _problem(transfer, by, agree) or reasons.get(transfer.member_id):
                outcome.pass_over(transfer, problem)
            else:
                outcome.done.append(transfer)
        if agree:
            outcome.done = execute(outcome.done, opinion=opinion, by=by, outcome=outcome)
        else:
            refuse(outcome.done, opinion=opinion, by=by)
    return outcome


def execute(
    transfers: Sequence[Transfer], *, opinion: str, by: User, outcome: BulkResult | None = None
) -> list[Transfer]:
    """Moves the members of agreed transfers, which the caller has locked and checked. Returns the moved ones.

    Of two requests for one person, only the older is agreed to. All other pending transfers of a moved person lapse.
    """
    chosen: dict[int, Transfer] = {}
    for transfer in transfers:
        if transfer.member_id in chosen and outcome:
            outcome.pass_over(transfer, ELSEWHERE)
        else:
            chosen.setdefault(transfer.member_id, transfer)
    done = list(chosen.values())
    groups = defaultdict(list)
    for transfer in done:
        groups[transfer.target_id].append(transfer)
    # Closes the agreed transfers before the move, which lets all other pending transfers of these members lapse.
    close(done, TransferState.AGREED, by=by, opinion=opinion)
    for group in groups.values():
        act = uuid4()
        Transfer.objects.filter(pk__in=[transfer.pk for transfer in group]).update(act=act)
        move(
            [transfer.member_id for transfer in group],
            to=group[0].target,
            reason=Membership.Reason.TRANSFERRED,
            act=act,
        )
    record_all("transfer.agreed", done, by=by)
    notify_requesters(done, "会员转移已同意", f"意见：{opinion}" if opinion else "会员已转入，可在“会员管理”中查看。")
    return done


def refuse(transfers: Sequence[Transfer], *, opinion: str, by: User) -> None:
    """Refuses: the members stay, and the requesting union is notified of the reason."""
    close(transfers, TransferState.REFUSED, by=by, opinion=opinion)
    record_all("transfer.refused", transfers, by=by)
    notify_requesters(transfers, "会员转移未获同意", f"原因：{opinion}")


def lapse_of_moved(members: Sequence[int]) -> None:
    """Voids every other pending transfer of a membership that ends (members.hooks.on_membership_end)."""
    rows = Transfer.objects.waiting().filter(member__in=members).select_for_update(of=("self",)).order_by("pk")
    lapse(list(rows), ELSEWHERE + "或已离开原工会")


def lapse(transfers: Sequence[Transfer], reason: str) -> None:
    """Ends transfers by an event instead of an answer; notifies the requesters of the reason."""
    if transfers:
        close(transfers, TransferState.LAPSED, by=None, opinion=reason)
        notify_requesters(transfers, "会员转移申请已失效", f"{reason}，不需要再办理。")


def impossible(transfer: Transfer) -> str | None:
    """Returns why the member cannot move as requested; the caller has locked unions, transfer and member."""
    target = transfer.target
    if target is None or target.state != UnionState.APPROVED:
        return "转入的工会已撤销或还没有审核通过，不能同意，请退回"
    if transfer.origin is None or transfer.member.union_id != transfer.origin_id:
        return "该会员已不在转出工会，请刷新页面"
    return None


def _problem(transfer: Transfer, by: User, agree: bool) -> str | None:
    if transfer.state == TransferState.WITHDRAWN:
        return "申请方已撤回，不需要再审核"
    if not transfer.is_waiting:
        reviewer = f"由 {transfer.decided_by} " if transfer.decided_by else ""
        return f"已{reviewer}办结（{transfer.get_state_display()}），不能重复审核"
    if not can_answer(by, transfer):
        return "逾期没有审核，已转由上级工会审核"
    return impossible(transfer) if agree or transfer.way == Way.LEAVE else None
