"""Permissions to move members. `TransferQuerySet.visible_to` decides which transfers a user sees."""

from gonghui.accounts.models import Role, User
from gonghui.members.rules import can_add_members
from gonghui.reviews.rules import can_review
from gonghui.transfers.models import Transfer, TransferState
from gonghui.unions.models import Union


def can_see_transfers(user: User) -> bool:
    """Whether ``user`` belongs to a grassroots union, viewers included. A superior sees escalated ones on its desk."""
    return user.is_active and user.union is not None and user.union.is_grassroots


def can_transfer(user: User, union: Union) -> bool:
    """Whether ``user`` may request, release, answer and withdraw: an officer of this approved union (SPEC 1.4)."""
    return can_add_members(user, union)


def can_answer(user: User, transfer: Transfer) -> bool:
    """Whether ``user`` is an officer of the asked union, and the request has not escalated to its superior."""
    return user.has_role(Role.OFFICER) and user.union_id == transfer.holder_id and transfer.review_id is None


def can_take_back(user: User, transfer: Transfer) -> bool:
    """Whether ``user`` is an officer of the union that requested or offered. It may also remind."""
    return user.has_role(Role.OFFICER) and user.union_id == transfer.asker_id


def can_see_expulsions(user: User) -> bool:
    """All users of a superior union, of the unions below; the union itself has its departures."""
    return user.is_active and user.union is not None and not user.union.is_grassroots


def can_acknowledge(user: User, transfer: Transfer) -> bool:
    """The reviewers of the union's direct superior, to whom an expulsion is reported (备案)."""
    return transfer.origin is not None and transfer.origin.superior_id == user.union_id and can_review(user)


def can_ask_again(user: User, transfer: Transfer) -> bool:
    """Whether the requesting or offering union may repeat an ended transfer with its attachments."""
    ended = transfer.state in {TransferState.REFUSED, TransferState.WITHDRAWN, TransferState.LAPSED}
    return ended and transfer.attachments_id is not None and can_take_back(user, transfer)
