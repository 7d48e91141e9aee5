"""Overdue transfer requests in the approval engine: the superior decides (SPEC 3.6, 5.1)."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.timezone import localtime

from gonghui.accounts.models import User
from gonghui.kit.documents import mask_number
from gonghui.kit.errors import Refused
from gonghui.members.hooks import leave_blockers
from gonghui.reviews.kinds import Change, Check, ReviewKind
from gonghui.reviews.models import Review, ReviewState, Step
from gonghui.reviews.scans import ScanKind, Scans
from gonghui.transfers.answers.actions import execute, impossible, refuse
from gonghui.transfers.closing import close
from gonghui.transfers.locks import lock_transfers, lock_unions
from gonghui.transfers.models import Transfer, TransferState, Way
from gonghui.unions.models import Union


class MemberTransfer(ReviewKind):
    """A member's transfer that the releasing union has not answered in time."""

    code = "member_transfer"
    label = "会员转移"
    exclusive = False
    withdrawable = False  # the requesting union withdraws it on its own page
    old_heading = "现在"
    new_heading = "转移后"
    scans = Scans(allowed=(ScanKind.DOCUMENT, ScanKind.APPROVAL))

    def rounds(self, about: str, union: Union) -> QuerySet[Review]:
        """No rounds: the next request is for another person; for the same one see `attachments.actions.keep_again`."""
        return Review.objects.none()

    def may_attach(self, about: str, user: User) -> bool:
        """Allows attachments of a request, and of members released together (offered or leaving)."""
        return about in {Way.REQUEST, Way.OFFER}

    def changes(self, review: Review) -> Sequence[Change]:
        transfer = Transfer.objects.select_related("member", "origin", "target").get(review=review)
        member = transfer.member
        number = mask_number(member.document_number)
        return [
            Change("会员编号", member.number, member.number),
            Change("姓名", member.name, member.name),
            Change("证件号码", number, number),
            Change("所属工会", str(transfer.origin), str(transfer.target)),
            Change("申请时间", None, f"{localtime(transfer.asked_at):%Y-%m-%d %H:%M}"),
            Change("原审核期限", None, f"{transfer.due_on:%Y-%m-%d}，转出工会没有审核"),
        ]

    def prepare(self, reviews: Sequence[Review]) -> dict[int, Transfer]:
        transfers = Transfer.objects.filter(review__in=reviews).select_related("member", "origin", "target", "review")
        return {transfer.review_id: transfer for transfer in transfers if transfer.review_id}

    def checks(self, review: Review, transfer: Transfer) -> Sequence[Check]:
        if review.state != ReviewState.PENDING:
            return ()
        if problem := impossible(transfer) or leave_blockers([transfer.member_id]).get(transfer.member_id):
            return [Check("bad", problem)]
        return [Check("ok", "会员仍在转出工会，转入工会状态正常，没有办理中的会员卡")]

    def lock(self, review: Review) -> None:
        """Locks the unions before the review, as every move of a member does (locks.py)."""
        lock_unions(Transfer.objects.values_list("origin", "target").get(review=review))

    def on_approved(self, review: Review, step: Step, *, by: User) -> None:
        transfer = self._locked(review)
        if problem := impossible(transfer) or leave_blockers([transfer.member_id]).get(transfer.member_id):
            raise Refused(f"不能通过：{problem}。")
        execute([transfer], opinion=step.opinion, by=by)

    def on_refused(self, review: Review, step: Step, *, by: User) -> None:
        refuse([self._locked(review)], opinion=step.opinion, by=by)

    def on_withdrawn(self, review: Review, *, by: User) -> None:
        close([self._locked(review)], TransferState.WITHDRAWN, by=by)

    def _locked(self, review: Review) -> Transfer:
        pk, origin, target = Transfer.objects.values_list("pk", "origin", "target").get(review=review)
        unions = lock_unions([origin, target])
        (transfer,) = lock_transfers([pk])
        transfer.origin, transfer.target = unions[origin], unions[target]
        return transfer
