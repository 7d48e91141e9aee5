"""The order of locks for every move of members, and the checks under them.

The order is: unions by id, then (in a review) the review, then transfers by id, then members by id. Every move of a
member locks the union first, so two moves do not deadlock.
"""

from collections.abc import Iterable, Sequence

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.members.models import Member
from gonghui.transfers.models import Transfer
from gonghui.transfers.rules import can_transfer
from gonghui.unions.models import Union

NOT_APPROVED = "只有审核通过的工会的经办人可以办理会员转入和转出。"


def lock_unions(ids: Iterable[int | None]) -> dict[int, Union]:
    """Returns the unions, locked in the order of their ids; foreign keys to them may still be written."""
    unions = Union.objects.filter(pk__in={id_ for id_ in ids if id_}).select_for_update(of=("self",), no_key=True)
    return {union.pk: union for union in unions.select_related("employer", "superior").order_by("pk")}


def lock_transfers(ids: Sequence[int]) -> list[Transfer]:
    """Returns the transfers, locked, then their members; loads unions and members."""
    rows = Transfer.objects.filter(pk__in=ids).select_related("decided_by").order_by("pk")
    transfers = list(rows.select_for_update(of=("self",)))
    members = lock_members([transfer.member_id for transfer in transfers])
    for transfer in transfers:
        transfer.member = members[transfer.member_id]
    return transfers


def lock_members(ids: Sequence[int]) -> dict[int, Member]:
    members = Member.objects.filter(pk__in=ids).select_for_update().order_by("pk")
    return {member.pk: member for member in members}


def require_officer(by: User, union: Union) -> None:
    """Raises Refused when ``by`` is no officer of the union, or it is not approved."""
    require(can_transfer, by, union, sentence=NOT_APPROVED)
