"""外院自检: an officer sends a member's invoice, the publisher of the programme accepts or refuses it (SPEC 6.7)."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.attachments.actions import keep_again, take_drafts
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.bookings.eligibility.queries import answers
from gonghui.bookings.ledger.actions import write_self_check
from gonghui.bookings.models import LedgerEntry, Place, Programme, SelfCheck
from gonghui.bookings.places.people import lock_members, require_eligible
from gonghui.bookings.rules import can_book, can_manage
from gonghui.bookings.self_checks import notifications
from gonghui.bookings.self_checks.kind import CODE, about
from gonghui.bookings.self_checks.validation import Invoice, cleaned, require_taken
from gonghui.bookings.sentences import NOT_MANAGER, NOT_OFFICER, limited, minute, stated_reason
from gonghui.bookings.states import ACTIVE, EndReason, SelfCheckState
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.unions.models import Union

verbs.register(
    selfcheck__sent="提交外院自检",
    selfcheck__withdrawn="撤回外院自检",
    selfcheck__accepted="外院自检审核通过",
    selfcheck__refused="外院自检未通过",
    selfcheck__looked_at="查看外院自检",
)
verbs.looks(selfcheck__looked_at=verbs.EACH)
verbs.facts("selfcheck", amount="发票金额（元）", paid="报销金额（元）")

_USED = "这家医院的这张发票已经提交过外院自检，不能重复报销。请核对医院和发票号码。"
_NO_INVOICE = "还没有上传发票。请在“附件”中上传后再提交。"


def send_self_check(programme: Programme, member_id: int, said: Invoice, *, by: User) -> SelfCheck:
    """The officer hands in the invoice of a member of the union, with the draft of scans that ``by`` has collected.

    Raises Refused: ``by`` may not, the programme takes none now, the member is of another union, in the programme
    already or does not meet its rules, a value is wrong, the invoice is missing or was used before.
    """
    with transaction.atomic():
        union = by.union
        if union is None:
            raise Refused(NOT_OFFICER)
        require(can_book, by, union, sentence=NOT_OFFICER)
        members = lock_members([member_id], union)
        seen = Programme.objects.visible_to(by).select_related("publisher").filter(pk=programme.pk).first()
        if seen is None:
            raise Refused("这个项目不面向本工会，或已经不再公布。")
        require_taken(seen)
        said, member = cleaned(said, seen), members[member_id]
        _require_not_in(seen, member)
        require_eligible(answers(seen, [member.pk], {member.pk: said.stated}), members)
        if SelfCheck.objects.standing().filter(hospital=said.hospital, invoice_number=said.number).exists():
            raise Refused(_USED, field="number")
        check = _saved(seen, member, union, said, by)
        record("selfcheck.sent", check, by=by, union=union, amount=str(check.amount), paid=str(check.paid))
        notifications.notify_sent(check)
        return check


def _saved(programme: Programme, member: Member, union: Union, said: Invoice, by: User) -> SelfCheck:
    bundle = take_drafts(CODE, about(programme.pk, member.pk), by=by)
    if bundle is None:
        raise Refused(_NO_INVOICE)
    check = SelfCheck(
        programme=programme, member=member, union=union, hospital=said.hospital, checked_on=said.checked_on,
        invoice_number=said.number, stated=said.stated, amount=said.amount,
        paid=min(said.amount, programme.self_check_price or 0), invoice=bundle, by=by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            check.save()
    except IntegrityError as error:  # another union has sent it in this moment
        raise Refused(_USED, field="number") from error
    return check


def _require_not_in(programme: Programme, member: Member) -> None:
    """Raises Refused for who is in the programme already: by a place, by an invoice, or by the ledger."""
    if waiting := SelfCheck.objects.standing().filter(programme=programme, member=member).first():
        said = f"{member.name}已于 {minute(waiting.at)} 提交过这个项目的外院自检（{waiting.get_state_display()}）"
        raise Refused(f"{said}，不能重复提交。请在「外院自检」中查看。")
    if Place.objects.filter(programme=programme, document_hash=member.document_hash, state__in=ACTIVE).exists():
        raise Refused(f"{member.name}已在这个项目中预约，不能再提交外院自检。没有去的，请先退出预约。")
    if LedgerEntry.objects.filter(programme=programme, member=member).exists():
        raise Refused(f"{member.name}已有这个项目的参加记录，不能再提交外院自检。")


def withdraw_self_check(check: SelfCheck, *, by: User) -> SelfCheck:
    """The union takes it back while it waits. Raises Refused: ``by`` may not, or it is decided."""
    with transaction.atomic():
        check = _locked(check)
        require(can_book, by, check.union, sentence=NOT_OFFICER)
        _require_waiting(check)
        _take_back(check, by=by)
        return check


def decide_self_check(check: SelfCheck, *, accepted: bool, opinion: str = "", by: User) -> SelfCheck:
    """The publisher accepts, and it stands in the member's ledger; or refuses with a reason. The officers are told.

    Also of a cancelled programme: the member has paid. Raises Refused: ``by`` may not, it is decided or taken back, or
    a refusal has no reason.
    """
    opinion = (limited if accepted else stated_reason)(opinion, what="审核意见", field="opinion")
    with transaction.atomic():
        check = _locked(check)
        require(can_manage, by, check.programme, sentence=NOT_MANAGER)
        _require_waiting(check)
        _end(check, SelfCheckState.ACCEPTED if accepted else SelfCheckState.REFUSED, opinion=opinion, by=by)
        if accepted:
            write_self_check(check)
            record("selfcheck.accepted", check, by=by, union=check.union, paid=str(check.paid))
        else:
            record("selfcheck.refused", check, by=by, union=check.union, reason=opinion)
        notifications.notify_decided(check)
        return check


def send_again(check: SelfCheck, *, by: User) -> None:
    """Copies the invoice of a refused or withdrawn one into the draft of the next. Raises Refused as `keep_again`."""
    if check.state not in (SelfCheckState.REFUSED, SelfCheckState.WITHDRAWN):
        raise Refused("只有未通过或已撤回的外院自检可以再次提交。")
    keep_again(check.invoice, by=by)


def end_self_check(check: SelfCheck, why: EndReason) -> None:
    """Ends a locked one that waits, because the member has gone; the caller tells the officers."""
    _take_back(check, opinion=str(why.label), by=None)


def look_at(checks: Sequence[SelfCheck], union: Union, *, by: User) -> None:
    """Records that a publisher has looked at these members of other unions."""
    with transaction.atomic():
        people = list(dict.fromkeys(check.member_id for check in checks))
        record("selfcheck.looked_at", by=by, union=union, people=people, count=len(people))


def _locked(check: SelfCheck) -> SelfCheck:
    """The member is locked first, as whoever books or moves somebody does."""
    Member.objects.select_for_update(no_key=True).get(pk=check.member_id)
    rows = SelfCheck.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("programme__publisher", "member", "union", "decided_by").get(pk=check.pk)


def _require_waiting(check: SelfCheck) -> None:
    if check.state == SelfCheckState.SUBMITTED or check.decided_at is None:
        return
    done = check.get_state_display()
    who = check.decided_by or "系统"
    raise Refused(f"这份外院自检{done}：{who}，{minute(check.decided_at)}。无需再操作。")


def _take_back(check: SelfCheck, *, opinion: str = "", by: User | None) -> None:
    _end(check, SelfCheckState.WITHDRAWN, opinion=opinion, by=by)
    record("selfcheck.withdrawn", check, by=by, union=check.union, **({"reason": opinion} if opinion else {}))


def _end(check: SelfCheck, state: SelfCheckState, *, opinion: str = "", by: User | None) -> None:
    check.state, check.opinion, check.decided_by, check.decided_at = state, opinion, by, timezone.now()
    check.save(update_fields=["state", "opinion", "decided_by", "decided_at"])
    notifications.settle_sent(check)
