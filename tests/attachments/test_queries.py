"""A request that is submitted again takes the scans of its last round along; the reviewer sees which are new (SPEC 2.2)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.attachments import actions
from gonghui.attachments.actions import attach, detach, keep_again
from gonghui.attachments.models import Attachment, Bundle, Kept
from gonghui.attachments.queries import collected, of_review
from gonghui.kit.cleanup import SWEEPS, sweep_out
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.members.register.actions import add_member
from gonghui.reviews.actions import decide, withdraw
from gonghui.reviews.models import Review
from gonghui.transfers.departures.actions import withdraw as take_back
from tests.attachments.stories import file
from tests.attachments.test_actions import ROUND_TRIPS
from tests.factories import make_member, make_user
from tests.filings.stories import amended, relocated, submitted
from tests.members.corrections.test_actions import asked
from tests.members.people import values
from tests.people import Cast
from tests.transfers.stories import offered, requested

pytestmark = pytest.mark.django_db

Submit = Callable[[], Review]


def the_card_holder(cast: Cast) -> Member:
    member = Member.objects.first() or add_member(cast.union, values(1), by=cast.officer)
    Member.objects.update(has_card=True)
    return Member.objects.get(pk=member.pk)


ROUNDS: dict[str, Callable[[Cast], tuple[User, str, str, Submit]]] = {
    "filing": lambda cast: (cast.newcomer, "", "licence", lambda: submitted(cast).review),
    "amendment": lambda cast: (cast.officer, "", "licence", lambda: amended(cast, leader="赵示例").review),
    "relocation": lambda cast: (cast.officer, "", "approval", lambda: relocated(cast).review),
    "correction": lambda cast: (
        cast.officer,
        str(the_card_holder(cast).pk),
        "document",
        lambda: asked(cast, the_card_holder(cast)).review,
    ),
}


def test_every_kind_that_takes_scans_has_rounds_or_is_asked_for_once_more():
    assert set(ROUNDS) | {"member_transfer"} == ROUND_TRIPS


def names(user: User, kind: str, about: str) -> list[str]:
    return [scan.name for scan in collected(user, kind, about)]


def shown(review: Review, user: User) -> dict[str, bool]:
    """What the page of the request lists: by name, whether it is kept from the round before."""
    section = of_review(review, user)
    return {scan.name: scan.is_kept for scan in section.content["attachments"]} if section else {}


@pytest.mark.parametrize("end", ["refused", "withdrawn"])
@pytest.mark.parametrize("kind", ROUNDS)
def test_the_next_round_takes_along_what_was_not_removed_and_says_what_is_new(cast, client, kind, end):
    by, about, scan, submit = ROUNDS[kind](cast)
    for name in ("a.png", "b.png"):
        attach(kind, about, scan, file(name=name), by=by)
    first = submit()
    assert names(by, kind, about) == []
    if end == "withdrawn":
        withdraw(first, by=by)
    else:
        decide(first, decision="refused", opinion="第二张不清楚", by=cast.reviewer)
    assert names(by, kind, about) == ["a.png", "b.png"]
    detach(collected(by, kind, about)[1], by=by)
    attach(kind, about, scan, file(name="c.png"), by=by)
    second = submit()
    assert shown(second, cast.reviewer) == {"a.png": True, "c.png": False}
    assert shown(first, cast.reviewer) == {"a.png": False, "b.png": False}
    client.force_login(cast.reviewer)
    page = client.get(f"/reviews/{second.pk}/").text
    assert page.count("沿用上一轮") == page.count("本轮新增") == 1
    for old in Attachment.objects.all():
        assert client.get(f"/attachments/{old.pk}/").status_code == 200
    decide(second, decision="refused", opinion="还不清楚", by=cast.reviewer)
    assert names(by, kind, about) == ["a.png", "c.png"]


def test_all_of_the_last_round_may_be_removed_and_stay_removed(cast):
    review = refused_amendment(cast)
    (scan,) = collected(cast.officer, "amendment", "")
    detach(scan, by=cast.officer)
    assert names(cast.officer, "amendment", "") == []
    assert Attachment.objects.filter(bundle__review=review).exists()
    with pytest.raises(Refused, match="已经提交"):
        detach(scan, by=cast.officer)


def test_a_colleague_who_submits_again_takes_them_along_too(cast):
    refused_amendment(cast)
    colleague = make_user(cast.union)
    assert names(colleague, "amendment", "") == ["a.png"]
    assert names(cast.neighbour_officer, "amendment", "") == []


def test_after_an_approval_nothing_is_taken_along(cast):
    attach("amendment", "", "licence", file(name="a.png"), by=cast.officer)
    decide(amended(cast, leader="赵示例").review, decision="approved", opinion="", by=cast.reviewer)
    assert names(cast.officer, "amendment", "") == []


def test_a_last_round_without_scans_hides_the_one_before(cast):
    refused_amendment(cast)
    detach(*collected(cast.officer, "amendment", ""), by=cast.officer)
    decide(amended(cast, leader="赵示例").review, decision="refused", opinion="不对", by=cast.reviewer)
    Bundle.objects.filter(submitted_at=None).delete()
    assert names(cast.officer, "amendment", "") == []


def test_kept_ones_count_as_the_others_do(cast, monkeypatch):
    monkeypatch.setattr(actions, "MOST", 1)
    refused_amendment(cast)
    with pytest.raises(Refused, match="最多 1 个附件"):
        attach("amendment", "", "licence", file(), by=cast.officer)


def test_the_form_lists_them_and_removes_them_singly(cast, client):
    refused_amendment(cast)
    client.force_login(cast.officer)
    page = client.get("/filings/amend/").text
    assert "a.png" in page
    assert "沿用上一轮" in page
    answer = client.post(f"/attachments/{Attachment.objects.get().pk}/remove/")
    assert answer.status_code == 200
    assert "a.png" not in answer.text


@pytest.mark.parametrize("way", ["request", "offer"])
def test_a_transfer_is_asked_for_once_more_with_its_scans(cast, client, way):
    """Not by itself: the next request is of somebody else."""
    member = make_member(cast.union)
    by = cast.neighbour_officer if way == "request" else cast.officer
    attach("member_transfer", way, "document", file(name="a.png"), by=by)
    transfer = requested(cast, member) if way == "request" else offered(cast, member)[0]
    again = {"act": "again", "transfer": transfer.pk}
    client.force_login(by)
    assert client.post("/transfers/act/", again, headers={"HX-Request": "true"}).status_code == 409
    take_back([transfer.pk], by=by)
    assert names(by, "member_transfer", way) == []
    assert "带附件再次提出" in client.get(f"/transfers/{transfer.pk}/").text
    assert client.post("/transfers/act/", again).status_code == 302
    assert names(by, "member_transfer", way) == ["a.png"]
    once_more = requested(cast, member) if way == "request" else offered(cast, member)[0]
    once_more.refresh_from_db()
    assert Kept.objects.get(bundle=once_more.attachments_id).attachment.name == "a.png"
    client.force_login(cast.officer if way == "request" else cast.neighbour_officer)
    assert "沿用上一轮" in client.get(f"/transfers/{once_more.pk}/").text
    assert client.post("/transfers/act/", again, headers={"HX-Request": "true"}).status_code in {404, 409}


def test_scans_that_an_open_round_keeps_do_not_go_with_the_round_that_ended(cast):
    review = refused_amendment(cast)
    second = amended(cast, leader="赵示例").review
    long_ago = timezone.now() - timedelta(days=400)
    Review.objects.filter(pk=review.pk).update(closed_at=long_ago)
    assert swept()["attachments: contents"] == 0
    decide(second, decision="refused", opinion="不对", by=cast.reviewer)
    assert swept()["attachments: contents"] == 0
    Review.objects.filter(pk=second.pk).update(closed_at=long_ago)
    assert swept()["attachments: contents"] == 1
    assert names(cast.officer, "amendment", "") == []


def test_a_draft_with_kept_ones_that_was_never_sent_goes(cast):
    refused_amendment(cast)
    keep_again(Bundle.objects.get(), by=cast.officer)
    Kept.objects.update(kept_at=timezone.now() - timedelta(days=40))
    Bundle.objects.update(made_at=timezone.now() - timedelta(days=40))
    gone = swept()
    gone["attachments: places not used"] += swept()["attachments: places not used"]
    assert (gone["attachments: not sent again"], gone["attachments: places not used"]) == (1, 1)
    assert names(cast.officer, "amendment", "") == ["a.png"]


def refused_amendment(cast: Cast) -> Review:
    attach("amendment", "", "licence", file(name="a.png"), by=cast.officer)
    review = amended(cast, leader="赵示例").review
    decide(review, decision="refused", opinion="不对", by=cast.reviewer)
    return review


def swept() -> dict[str, int]:
    return {name: sum(sweep_out(sweep)) for name, sweep in SWEEPS.items() if name.startswith("attachments: ")}
