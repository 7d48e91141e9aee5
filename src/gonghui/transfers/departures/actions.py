"""Releases members, undoes it, withdraws requests, reminds (SPEC 3.6, 3.7)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.attachments.actions import take_drafts
from gonghui.attachments.models import Bundle
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.members.hooks import leave_blockers
from gonghui.members.memberships import move, restore_members
from gonghui.members.models import Member, Membership
from gonghui.members.retention.guards import joining_days, require_past, under_way, wrong_day
from gonghui.members.standings import PERMISSIONS
from gonghui.transfers.answers.review import MemberTransfer
from gonghui.transfers.bulk_result import BulkResult
from gonghui.transfers.closing import close, locked, record_all
from gonghui.transfers.expulsions.notifications import notify_superior_of_expulsions, settle_expulsions
from gonghui.transfers.locks import lock_members, lock_unions, require_officer
from gonghui.transfers.models import ENDING, LEAVING, Leaving, Transfer, TransferState, Way
from gonghui.transfers.notifications import notify_holders
from gonghui.transfers.queries import due_days
from gonghui.transfers.rules import can_take_back
from gonghui.unions.models import Union, UnionState

verbs.register(
    transfer__offered="转出会员到其他工会",
    transfer__left="会员离开工会",
    transfer__undone="撤销会员转出",
    transfer__withdrawn="撤回会员转移",
    transfer__reminded="催办会员转移",
)
verbs.facts("transfer", to="转到", reason=("原因", Leaving), on="日期", number="决定文号")

MAX_RELEASED = 1_000
"""Members released by one act."""

MAX_NOTE = 200
MAX_NUMBER = 50
"""Characters of a decision's number."""


@dataclass(frozen=True)
class Document:
    """By what a standing ends: the member's application (退会), or the union's decision with its number (除名)."""

    on: date
    number: str = ""


def release(
    union: Union,
    ids: Sequence[int],
    *,
    to: Union | None,
    reason: str,
    note: str,
    by: User,
    document: Document | None = None,
) -> BulkResult:
    """「转出」: offers members to another union, which then accepts, or ends their memberships for one of LEAVING, or, by a
    ``document``, of ENDING.

    Raises Refused: ``by`` may not, none or too many, no approved union to go to, no reason, no document or one of a day
    to come; whoever is held by something in work, has gone already, or joined after the document, is passed over.
    """
    note = note.strip()
    if len(note) > MAX_NOTE:
        raise Refused(f"说明不能超过 {MAX_NOTE} 个字。", field="note")
    if to is None and reason not in (*LEAVING, *ENDING):
        raise Refused("请选择转出原因。", field="reason")
    document = _require_document(reason, document) if to is None and reason in ENDING else None
    if not ids:
        raise Refused("请先在会员列表中勾选要转出的会员。")
    if len(ids) > MAX_RELEASED:
        raise Refused(f"一次最多转出 {MAX_RELEASED:,} 名会员，请减少勾选后再试。")
    with transaction.atomic():
        unions = lock_unions([union.pk, to.pk if to else None])
        union = unions[union.pk]
        require_officer(by, union)
        if to is not None:
            to = _require_target(union, unions[to.pk])
        members = lock_members(ids)
        outcome = BulkResult(gone=len(set(ids)) - len(members))
        held = _ending(members, reason, document) if document else _staying(members, to)
        free = _free(union, members, outcome, held)
        bundle = take_drafts(MemberTransfer.code, Way.OFFER, by=by) if free else None
        if free and to:
            outcome.done = _offer(union, free, to, note, by, bundle)
        elif free:
            outcome.done = _let_go(union, free, reason, note, by, bundle, document)
    return outcome


def undo(ids: Sequence[int], *, by: User) -> BulkResult:
    """Restores members that left, within UNDO_DAYS, if they have not moved since (SPEC 3.7)."""
    with transaction.atomic():
        outcome, transfers = _began(ids, by)
        for transfer in transfers:
            if transfer.state != TransferState.LEFT:
                outcome.pass_over(transfer, f"不是可以撤销的转出记录（{transfer.get_state_display()}）")
            elif transfer.acknowledged_at:
                outcome.pass_over(transfer, "除名已由上级工会备案，不能撤销。重新入会的请用“新增会员”登记")
            elif transfer.undo_until is None or localdate() > transfer.undo_until:
                outcome.pass_over(transfer, "转出已超过可以撤销的期限。如需恢复，请用“从其他工会转入会员到本工会”转入")
            else:
                outcome.done.append(transfer)
        back: set[int] = set()
        for (act, origin), members in _by_act(outcome.done).items():
            back |= set(restore_members(origin, undone=act, act=uuid4(), reason=Membership.Reason.UNDONE, only=members))
        for transfer in [transfer for transfer in outcome.done if transfer.member_id not in back]:
            outcome.done.remove(transfer)
            outcome.pass_over(transfer, "此后已有变化（已加入其他工会），不能撤销")
        close(outcome.done, TransferState.UNDONE, by=by)
        settle_expulsions(outcome.done)
        record_all("transfer.undone", outcome.done, by=by)
    return outcome


def withdraw(ids: Sequence[int], *, by: User) -> BulkResult:
    """Withdraws requests or offers that are not answered."""
    with transaction.atomic():
        outcome, transfers = _began(ids, by)
        for transfer in transfers:
            if transfer.is_waiting:
                outcome.done.append(transfer)
            else:
                outcome.pass_over(transfer, f"已办结（{transfer.get_state_display()}），不能撤回")
        close(outcome.done, TransferState.WITHDRAWN, by=by)
        record_all("transfer.withdrawn", outcome.done, by=by)
    return outcome


def remind(ids: Sequence[int], *, by: User) -> BulkResult:
    """「催办」: reminds those who must answer, by bell and mail; once a day for each."""
    with transaction.atomic():
        outcome, transfers = _began(ids, by)
        for transfer in transfers:
            if not transfer.is_waiting:
                outcome.pass_over(transfer, f"已办结（{transfer.get_state_display()}），不需要催办")
            elif transfer.reminded_today:
                outcome.pass_over(transfer, "今天已经催办过，一天只能催办一次")
            else:
                outcome.done.append(transfer)
        Transfer.objects.filter(pk__in=[transfer.pk for transfer in outcome.done]).update(reminded_on=localdate())
        notify_holders(outcome.done, "请尽快审核会员转移申请", "对方工会催办。")
        record_all("transfer.reminded", outcome.done, by=by)
    return outcome


def _require_document(reason: str, document: Document | None) -> Document:
    word = DAYS[reason]
    if document is None:
        raise Refused(f"请填写{word}。", field="document_on")
    require_past(document.on, word, field="document_on")
    number = " ".join(document.number.split()) if reason == Leaving.EXPELLED else ""
    if reason == Leaving.EXPELLED and not number:
        raise Refused("请填写除名决定的文号。", field="document_number")
    if len(number) > MAX_NUMBER:
        raise Refused(f"决定文号不能超过 {MAX_NUMBER} 个字。", field="document_number")
    return Document(document.on, number)


DAYS = {Leaving.WITHDRAWN.value: "申请日期", Leaving.EXPELLED.value: "决定日期"}
"""What the day of the document is."""


def _ending(members: Mapping[int, Member], reason: str, document: Document) -> dict[int, str]:
    """Whose standing may not end now: something is under way, or the document is older than the membership."""
    people = list(members.values())
    joined = joining_days(people)
    wrong = {member.pk: wrong_day(member, document.on, DAYS[reason], joined.get(member.pk)) for member in people}
    return {pk: why for pk, why in wrong.items() if why} | under_way(people)


def _staying(members: Mapping[int, Member], to: Union | None) -> dict[int, str]:
    """Who may not leave now, each with the reason."""
    held = {pk: f"{why}，办完以后才能转出" for pk, why in leave_blockers(list(members)).items()}
    if to is not None:
        for pk, way, target in (
            Transfer.objects.waiting().filter(member__in=members).values_list("member", "way", "target")
        ):
            if way == Way.OFFER:
                held[pk] = "已经转出、等待对方工会接收；要改转，请先撤回"
            elif target == to.pk:
                held[pk] = "对方工会已经申请转入，请在“待审核转出”中同意"
        for member in members.values():
            if not PERMISSIONS[member.standing].transfer:
                held[member.pk] = f"会籍是“{member.get_standing_display()}”，不能转移"
    return held


def _free(union: Union, members: Mapping[int, Member], outcome: BulkResult, held: Mapping[int, str]) -> list[Member]:
    """Returns the members that may leave now; the others are skipped with the reason."""
    free = []
    for member in members.values():
        if member.union_id != union.pk:
            outcome.gone += 1  # a member of another union: not even the name is shown
        elif member.pk in held:
            outcome.passed_over[held[member.pk]].append(member.name)
        else:
            free.append(member)
    return free


def _offer(
    union: Union, members: Sequence[Member], to: Union, note: str, by: User, bundle: Bundle | None
) -> list[Transfer]:
    day = due_days([to.pk])[to.pk]
    offers = Transfer.objects.bulk_create(
        Transfer(
            member=member,
            way=Way.OFFER,
            origin=union,
            target=to,
            note=note,
            asked_by=by,
            due_on=day,
            attachments=bundle,
        )
        for member in members
    )
    record(
        "transfer.offered",
        union,
        by=by,
        union=union,
        to=to.name,
        count=len(offers),
        transfers=[offer.pk for offer in offers],
    )
    notify_holders(
        offers,
        f"{union.name}转来会员，请接收",
        f"共 {len(offers)} 人。请在 {day:%Y-%m-%d} 之前办理，逾期自动失效。",
    )
    return offers


def _let_go(
    union: Union,
    members: Sequence[Member],
    reason: str,
    note: str,
    by: User,
    bundle: Bundle | None,
    document: Document | None,
) -> list[Transfer]:
    act, now = uuid4(), timezone.now()
    left = Transfer.objects.bulk_create(
        Transfer(
            member=member, way=Way.LEAVE, origin=union, reason=reason, note=note, act=act, state=TransferState.LEFT, asked_by=by,
            decided_by=by, decided_at=now, attachments=bundle, document_on=document.on if document else None,
            document_number=document.number if document else "",
        )
        for member in members
    )  # fmt: skip
    day = document.on if document else None
    move([member.pk for member in members], to=None, reason=reason, act=act, standing_on=day)
    record(
        "transfer.left",
        union,
        by=by,
        union=union,
        reason=reason,
        count=len(left),
        transfers=[transfer.pk for transfer in left],
        **({"on": document.on.isoformat()} if document else {}),
        **({"number": document.number} if document and document.number else {}),
    )
    if reason == Leaving.EXPELLED:
        notify_superior_of_expulsions(union, left)
    return left


def _began(ids: Sequence[int], by: User) -> tuple[BulkResult, list[Transfer]]:
    """Returns the transfers begun by ``by``'s union, locked. Raises Refused when ``by`` may not, or without ids."""
    if by.union is None or not ids:
        raise Refused("请先勾选要办理的记录。")
    transfers = locked(ids, by)
    require_officer(by, by.union)
    mine = [transfer for transfer in transfers if can_take_back(by, transfer)]
    return BulkResult(gone=len(set(ids)) - len(mine)), mine


def _by_act(transfers: Sequence[Transfer]) -> Mapping[tuple[UUID, Union], list[int]]:
    """Returns the members that left, by act."""
    groups = defaultdict(list)
    for transfer in transfers:
        if transfer.act and transfer.origin:
            groups[transfer.act, transfer.origin].append(transfer.member_id)
    return groups


def _require_target(union: Union, to: Union) -> Union:
    if to.pk == union.pk:
        raise Refused("会员已经在本工会，请填写另一家工会。", field="to")
    if not to.is_grassroots or to.state != UnionState.APPROVED:
        raise Refused(f"{to.name}已撤销或还没有审核通过，不能接收会员。请选择另一家工会。", field="to")
    return to
