"""Scans for a request: collected as a draft, taken along with it, handed out to whoever sees it."""

from io import BytesIO
from typing import ClassVar

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.attachments import actions
from gonghui.attachments.actions import attach, detach, download, take_drafts
from gonghui.attachments.models import Attachment, Bundle
from gonghui.audit.models import Entry
from gonghui.filings.relocation.review import RelocationKind
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.members.register.actions import add_member, edit_member, version_of
from gonghui.reviews.actions import withdraw
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.models import Review
from gonghui.reviews.scans import ScanKind, Scans
from tests.attachments.stories import NAME, attached, collected, file
from tests.factories import live, make_member
from tests.filings.stories import amended, relocated, submitted
from tests.members.people import values
from tests.scans import EICAR, arm, jpeg, pdf
from tests.transfers.stories import offered, requested

ROUND_TRIPS = {"filing", "amendment", "relocation", "correction", "member_transfer"}


def test_these_kinds_of_request_take_scans_and_none_demands_them(db):
    assert {code for code, kind in KINDS.items() if kind.scans.kinds} == ROUND_TRIPS
    assert not any(kind.scans.required for kind in KINDS.values())


def test_what_is_kept_is_written_anew_sealed_and_told_of(cast):
    sent = jpeg(60, 40, turned=True)
    one = attach("amendment", "", "approval", SimpleUploadedFile("批复.html", sent), by=cast.officer)
    one = Attachment.objects.get(pk=one.pk)
    assert (one.type, one.width, one.height, one.pages, one.name) == ("jpeg", 40, 60, None, "批复.jpg")
    assert b"SECRETPHONE" in sent
    assert b"SECRETPHONE" not in one.content
    assert one.size == len(one.content)
    assert one.content[:3] == b"\xff\xd8\xff"
    assert one.content not in bytes(one.content_sealed)
    assert "批复".encode() not in bytes(one.name_sealed)
    entry = Entry.objects.get(verb="attachment.added")
    assert (entry.actor, entry.union_id, entry.object_id) == (cast.officer, cast.union.pk, one.pk)
    assert entry.data == {"scan": "approval", "kind": "amendment"}


def test_a_pdf_with_scripts_is_kept_without(cast):
    one = attach("filing", "", "approval", SimpleUploadedFile("a.pdf", pdf(arm, pages=2)), by=cast.newcomer)
    assert (one.type, one.pages, one.width) == ("pdf", 2, None)
    assert b"/JavaScript" not in one.content


@pytest.mark.parametrize(("data", "told"), [(EICAR, "不是扫描件"), (b"", "空的"), (b"<svg/>", "SVG")])
def test_what_is_no_scan_is_refused_and_nothing_is_kept(cast, data: bytes, told: str):
    with pytest.raises(Refused, match=told):
        attach("amendment", "", "licence", file(data), by=cast.officer)
    assert not Bundle.objects.exists()


def test_the_scan_must_be_one_that_the_kind_takes(cast):
    with pytest.raises(Refused, match="请选择材料种类"):
        attach("amendment", "", "document", file(), by=cast.officer)
    with pytest.raises(Refused, match="不能为这项申请上传"):
        attach("account_claim", "", "licence", file(), by=cast.officer)
    with pytest.raises(Refused, match="不能为这项申请上传"):
        attach("amendment", "1", "licence", file(), by=cast.officer)


@pytest.mark.parametrize("who", ["reviewer", "district_admin", "platform_admin", "viewer", "claimant"])
def test_only_an_officer_collects_scans(cast, who: str):
    with pytest.raises(Refused, match="不能为这项申请上传"):
        attach("amendment", "", "licence", file(), by=getattr(cast, who))


def test_a_request_takes_so_many_and_a_union_so_many_a_day(cast, monkeypatch):
    monkeypatch.setattr(actions, "MOST", 2)
    collected(cast.officer)
    one = collected(cast.officer)
    with pytest.raises(Refused, match=r"最多 2 个附件。请先移除"):
        collected(cast.officer)
    detach(one, by=cast.officer)
    collected(cast.officer)
    monkeypatch.setattr(actions, "ADDED_A_DAY", 3)
    collected(cast.officer, kind="relocation")
    with pytest.raises(Refused, match="今天已上传 3 个附件"):
        collected(cast.officer, kind="relocation")
    collected(cast.neighbour_officer)


def test_the_draft_goes_along_with_the_request_and_the_next_one_takes_it_along_too(cast):
    review, one = attached(cast)
    assert one.bundle.review == review
    assert one.bundle.submitted_at
    entry = Entry.objects.get(verb="attachment.submitted")
    assert entry.data == {"kind": "amendment", "count": 1}
    withdraw(review, by=cast.officer)
    second = amended(cast, address="示例路3号").review
    assert Bundle.objects.get(review=second).kept.get().attachment == one
    assert take_drafts("amendment", "", by=cast.officer) is None


def test_each_officers_draft_is_his_or_her_own(cast):
    mine, other = collected(cast.officer), collected(cast.neighbour_officer)
    review = amended(cast, address="示例路2号").review
    mine.refresh_from_db()
    other.refresh_from_db()
    assert mine.bundle.review == review
    assert other.bundle.review is None


def test_what_goes_wrong_with_the_request_leaves_the_draft(cast):
    collected(cast.officer)
    relocated(cast)
    with pytest.raises(Refused, match=r"已有一项申请正在审核|正在等待"):
        amended(cast, address="示例路2号")
    assert Bundle.objects.get(kind="amendment").submitted_at is None


def test_each_kind_takes_its_own_along(cast):
    for kind in ("amendment", "relocation"):
        collected(cast.officer, kind=kind)
    filed = collected(cast.newcomer, kind="filing")
    assert relocated(cast).review.attachments.kind == "relocation"
    submitted(cast)
    filed.refresh_from_db()
    assert filed.bundle.review.kind == "filing"
    assert Bundle.objects.get(kind="amendment").review is None


def test_a_correction_takes_the_scan_of_its_own_member_along(cast):
    member = add_member(cast.union, values(1), by=cast.officer)
    other = make_member(cast.union, has_card=True)
    with pytest.raises(Refused, match="不能为这项申请上传"):  # no card: it changes at once
        collected(cast.officer, kind="correction", about=str(member.pk), scan="document")
    Member.objects.filter(pk=member.pk).update(has_card=True)
    for about in (member, other):
        collected(cast.officer, kind="correction", about=str(about.pk), scan="document")
    with pytest.raises(Refused, match="不能为这项申请上传"):
        collected(cast.neighbour_officer, kind="correction", about=str(member.pk), scan="document")
    member = Member.objects.get(pk=member.pk)
    edit_member(member, values(1)._replace(name="王改名"), version=version_of(member), by=cast.officer)
    assert Bundle.objects.get(about=str(member.pk)).review.correction.member == member
    assert Bundle.objects.get(about=str(other.pk)).review is None


def test_a_transfer_takes_scans_along_and_those_let_go_together_share_them(cast):
    member, *others = (make_member(cast.union) for _ in range(3))
    collected(cast.neighbour_officer, kind="member_transfer", about="request", scan="document")
    asked = requested(cast, member)
    assert live(asked).attachments.about == "request"
    assert requested(cast, member) == asked
    collected(cast.officer, kind="member_transfer", about="offer", scan="approval")
    first, second = (live(transfer) for transfer in offered(cast, *others))
    assert first.attachments == second.attachments
    assert first.attachments.submitted_at


class Wanting(RelocationKind):
    scans: ClassVar[Scans] = Scans(required=(ScanKind.APPROVAL,), allowed=(ScanKind.LICENCE,))


def test_a_kind_that_wants_a_scan_is_not_submitted_without(cast, monkeypatch):
    monkeypatch.setitem(KINDS, "relocation", Wanting())
    collected(cast.officer, kind="relocation", scan="licence")
    with pytest.raises(Refused, match=r"还没有上传批复的扫描件。请"):
        relocated(cast)
    assert not Review.objects.exists()
    collected(cast.officer, kind="relocation", scan="approval")
    assert relocated(cast).review.attachments.attachments.count() == 2


def test_what_is_sent_is_not_removed_any_more(cast):
    _, one = attached(cast)
    with pytest.raises(Refused, match="已经提交，附件不能再移除"):
        detach(one, by=cast.officer)
    assert Attachment.objects.exists()


def test_another_officer_of_the_union_removes_nothing_of_mine(cast):
    one = collected(cast.officer)
    colleague = User.objects.create_user(email="b@x.test", union=cast.union, roles=["officer"])
    with pytest.raises(Refused):
        detach(one, by=colleague)


def test_each_download_is_recorded_and_tells_nothing_of_the_file(cast):
    _, one = attached(cast)
    assert BytesIO(download(one, by=cast.reviewer)).read(4) == b"\x89PNG"
    entry = Entry.objects.get(verb="attachment.downloaded")
    assert (entry.actor, entry.union_id, entry.object_id) == (cast.reviewer, cast.union.pk, one.pk)
    assert NAME.removesuffix(".png") not in f"{entry.label}{entry.data}"


def test_what_is_gone_says_so(cast):
    _, one = attached(cast)
    Attachment.objects.update(content_sealed=None, name_sealed=None, removed_at=timezone.now())
    one.refresh_from_db()
    with pytest.raises(Refused, match=r"已按保留期限清除。如需原件"):
        download(one, by=cast.reviewer)
    assert not Entry.objects.filter(verb="attachment.downloaded").exists()
