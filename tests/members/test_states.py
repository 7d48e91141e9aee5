"""Every transition of a member's states, and of an import by code, is made by an action (docs/states.md)."""

import pytest
from django.utils.timezone import localdate

from gonghui.members.by_code import actions as code_import
from gonghui.members.corrections.actions import withdraw_correction
from gonghui.members.memberships import move
from gonghui.members.models import CodeImport, Member, Membership
from gonghui.members.register.actions import add_member
from gonghui.members.retention.actions import resume, retain
from gonghui.reviews.actions import decide, withdraw
from gonghui.transfers.departures.actions import Document, release, undo
from tests.members.by_code.test_actions import OTHER, bound, started
from tests.members.corrections.test_actions import asked, live
from tests.members.people import values
from tests.people import Cast
from tests.states import every_move_is_made

pytestmark = pytest.mark.django_db


def returned(cast: Cast, member: Member) -> None:
    decide(asked(cast, member).review, decision="refused", opinion="请附证明。", by=cast.reviewer)


def standings(cast: Cast) -> None:
    """To every standing and back: by the officer, and by an undone departure."""
    member = add_member(cast.union, values(2), by=cast.officer)
    for reason in ("withdrawn", "expelled"):
        document = Document(localdate(), "5" if reason == "expelled" else "")
        for _ in range(2):  # of a normal member, then of a retained one
            ids = [member.pk]
            gone = release(cast.union, ids, to=None, reason=reason, note="", by=cast.officer, document=document)
            undo([gone.done[0].pk], by=cast.officer)
            retain(cast.union, ids, reason="sick", on=localdate(), by=cast.officer)
        resume(cast.union, ids, on=localdate(), by=cast.officer)


def test_every_move_of_a_member_is_made(cast):
    member = add_member(cast.union, values(1), by=cast.officer)
    Member.objects.update(has_card=True)
    with every_move_is_made(Member):
        standings(cast)
        asked(cast, member)
        withdraw_correction(live(member), by=cast.officer)
        returned(cast, member)
        returned(cast, member)
        move([member.pk], to=None, reason=Membership.Reason.LEFT)
        move([member.pk], to=cast.union, reason=Membership.Reason.UNDONE)


def test_every_move_of_an_import_by_code_is_made(cast, monkeypatch):
    bound(cast, code=OTHER)
    with every_move_is_made(CodeImport):
        decide(started(cast, OTHER).review, decision="refused", opinion="请核对。", by=cast.reviewer)
        withdraw(started(cast, OTHER).review, by=cast.officer)
        decide(started(cast, OTHER).review, decision="approved", opinion="", by=cast.reviewer)
        bound(cast)
        monkeypatch.setattr(code_import, "AT_ONCE", 0)
        code_import.give_up(started(cast).pk)
