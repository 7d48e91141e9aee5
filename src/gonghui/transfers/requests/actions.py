"""「从其他工会转入会员到本工会」: requests members by workbook, one by one, or for another app (SPEC 3.6)."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import uuid4

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.attachments.actions import take_drafts
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.imports.queries import is_running
from gonghui.kit.days import today_began
from gonghui.kit.errors import Refused
from gonghui.kit.sealing import owner_of, purpose
from gonghui.members.lookups import Known
from gonghui.members.memberships import move
from gonghui.members.models import Member, Membership
from gonghui.members.standings import PERMISSIONS
from gonghui.transfers.answers.review import MemberTransfer
from gonghui.transfers.locks import lock_members, lock_unions, require_officer
from gonghui.transfers.models import Tally, Transfer, TransferState, Upload, Way
from gonghui.transfers.notifications import notify_holders
from gonghui.transfers.queries import due_days
from gonghui.transfers.requests.matching import Match, Wanted, look_up
from gonghui.transfers.requests.sheet import read_sheet, wrong_rows
from gonghui.unions.models import Union

verbs.register(
    transfer__requested="申请转入会员",
    transfer__requested_by_import="随导入申请转入会员",
    transfer__uploaded="上传转入会员文件",
)
verbs.facts("transfer", tally=("结果", Tally), made="已申请或转入", **dict(Tally.choices))

DAYS_KEPT = 30
"""Days after which the rows of an uploaded workbook are deleted."""

UPLOADS_A_DAY = 100
"""Uploads of a union per day: the rows of each are kept for a month."""

WITHDRAWN_A_DAY = 1_000
"""Withdrawals of a union per day before it may request again: each notifies another union."""


def upload_people(union: Union, file: File, *, by: User) -> Upload:
    """「转入」: requests the people of a workbook. Those in no union join at once; the others' unions are asked.

    Raises Refused, without any request, when the workbook is unreadable or has too many rows, ``by`` may not, an import
    of the union is running, too many look-ups have failed, or the union has sent too many workbooks today.
    """
    _require_free(union, by)
    _require_uploads_left(union)
    sheet = read_sheet(file.read())
    people = [Wanted(row.number, row.cells.text("name"), row.cells.text("document_number")) for row in sheet.rows]
    matches = look_up(union, people, by=by, wrong=wrong_rows(sheet))
    with transaction.atomic():
        union = lock_unions([union.pk])[union.pk]
        _require_free(union, by)
        _require_uploads_left(union)
        upload = Upload.objects.create(
            union=union, filename=file.name or "", rows_total=len(people), note="".join(sheet.notes), sent_by=by
        )
        answers = _ask(union, matches, by, upload)
        lines = [
            [*match.wanted, tally, match.remark, transfer]
            for match, (tally, transfer) in zip(matches, answers, strict=True)
        ]
        packed = json.dumps(lines, ensure_ascii=False)
        upload.rows_sealed = purpose(Upload, "rows_sealed").seal(packed, owner_of(upload))
        upload.counts = Counter(tally for tally, _ in answers)
        upload.save(update_fields=["seal_id", "rows_sealed", "counts"])
        record("transfer.uploaded", upload, by=by, union=union, rows=len(people), **upload.counts)
    return upload


class Answer(NamedTuple):
    """The result of one look-up, and the transfer created or found."""

    tally: Tally
    transfer: Transfer | None
    remark: str


def request_member(union: Union, name: str, number: str, *, by: User) -> Answer:
    """The same for one typed person. Raises Refused as ``upload_people`` does; no match is a result, not a refusal."""
    _require_free(union, by)
    matches = look_up(union, [Wanted(0, name, number)], by=by)
    with transaction.atomic():
        union = lock_unions([union.pk])[union.pk]
        _require_free(union, by)
        ((tally, id_),) = _ask(union, matches, by)
        transfer = Transfer.objects.select_related("member").get(pk=id_) if id_ else None
        if transfer and tally in {Tally.REQUESTED, Tally.JOINED}:
            if bundle := take_drafts(MemberTransfer.code, Way.REQUEST, by=by):
                Transfer.objects.filter(pk=transfer.pk).update(attachments=bundle)
            record("transfer.requested", transfer, by=by, union=union, tally=tally)
    return Answer(tally, transfer, matches[0].remark)


def request_members(union: Union, ids: Sequence[int], by: User) -> int:
    """Requests members that an import has matched by name and number, for ``members.hooks``.

    Runs in the import's transaction, which has locked the union. Returns the number of requested or joined members.
    """
    people = Member.objects.filter(pk__in=ids).values_list("pk", "union", "name")
    matches = [Match(Wanted(0, name, ""), Known(pk, of, name)) for pk, of, name in people]
    tallies = [tally for tally, _ in _ask(lock_unions([union.pk])[union.pk], matches, by)]
    made = sum(tally in {Tally.REQUESTED, Tally.JOINED} for tally in tallies)
    record("transfer.requested_by_import", union, by=by, union=union, rows=len(ids), made=made)
    return made


def forget_old_rows(older_than: datetime) -> None:
    """Deletes the personal data of old uploads; the requests stay."""
    Upload.objects.filter(sent_at__lt=older_than, rows_sealed__isnull=False).update(rows_sealed=None)


def _ask(
    union: Union, matches: Sequence[Match], by: User, upload: Upload | None = None
) -> list[tuple[Tally, int | None]]:
    """Returns the result of each match, and its transfer; a fixed number of queries."""
    members = lock_members([match.person.id for match in matches if match.person])
    waiting = {
        transfer.member_id: transfer
        for transfer in Transfer.objects.waiting().filter(target=union, member__in=members).order_by("pk")
    }
    elsewhere = [
        (member, member.union_id)
        for member in members.values()
        if member.union_id and member.union_id != union.pk and member.pk not in waiting
    ]
    alone = [member for member in members.values() if member.union_id is None]
    unattached = [member for member in alone if PERMISSIONS[member.standing].transfer]
    act, now, due = uuid4(), timezone.now(), due_days({origin for _, origin in elsewhere})
    requested = Transfer.objects.bulk_create(
        Transfer(
            member=member,
            way=Way.REQUEST,
            origin_id=origin,
            target=union,
            upload=upload,
            asked_by=by,
            due_on=due[origin],
        )
        for member, origin in elsewhere
    )
    joined = Transfer.objects.bulk_create(
        Transfer(
            member=member, way=Way.REQUEST, target=union, upload=upload, asked_by=by, state=TransferState.AGREED, decided_at=now,
            decided_by=by, act=act,
        )
        for member in unattached
    )  # fmt: skip
    move([member.pk for member in unattached], to=union, reason=Membership.Reason.TRANSFERRED, act=act)
    for day in sorted(set(due.values())):  # one mail for each deadline: superiors decide two or three different ones
        of_day = [transfer for transfer in requested if transfer.due_on == day]
        notify_holders(of_day, "有会员申请转到其他工会，请审核", f"请在 {day:%Y-%m-%d} 之前审核，逾期由上级工会审核。")
    made: dict[int, tuple[Tally, int | None]] = {member.pk: (Tally.ENDED, None) for member in alone}
    made |= {transfer.member_id: (Tally.REQUESTED, transfer.pk) for transfer in requested}
    made |= {transfer.member_id: (Tally.JOINED, transfer.pk) for transfer in joined}
    for id_, transfer in waiting.items():
        made[id_] = (Tally.OFFERED if transfer.way == Way.OFFER else Tally.ASKED, transfer.pk)
    return [
        made.get(match.person.id, (Tally.OURS, None)) if match.person else (match.tally or Tally.UNMATCHED, None)
        for match in matches
    ]


def _require_free(union: Union, by: User) -> None:
    require_officer(by, union)
    if is_running(union):
        raise Refused("本工会有一个导入正在处理中，请等它完成后再转入。进度见“历史导入记录”。")
    withdrawn = Transfer.objects.filter(
        target=union, way=Way.REQUEST, state=TransferState.WITHDRAWN, decided_at__gte=today_began()
    )
    if withdrawn.count() >= WITHDRAWN_A_DAY:
        raise Refused(f"本工会今天已撤回 {WITHDRAWN_A_DAY:,} 项转入申请，请核对名单，明天再申请。")


def _require_uploads_left(union: Union) -> None:
    if Upload.objects.filter(union=union, sent_at__gte=today_began()).count() >= UPLOADS_A_DAY:
        raise Refused(
            f"本工会今天已上传 {UPLOADS_A_DAY} 个转入文件，没有接收这个文件。请把会员合并到少数文件中，明天再上传。"
        )
