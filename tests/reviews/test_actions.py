"""The approval engine: who decides, once; and what two people at once come to (SPEC 2.2, 5.1)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.reviews import actions
from gonghui.reviews.actions import decide, remove_phrase, save_phrase, withdraw
from gonghui.reviews.models import Phrase, Review, State
from gonghui.unions.models import Union
from tests.factories import make_user
from tests.filings.stories import submitted
from tests.people import make_cast


@pytest.fixture
def review(cast) -> Review:
    return submitted(cast).review


def test_approval_closes_the_review_and_is_recorded(cast, review):
    decide(review, decision="approved", opinion="", by=cast.reviewer)
    review.refresh_from_db()
    step = review.steps.get()
    assert (review.state, step.decision, step.reviewer, step.open) == (State.APPROVED, "approved", cast.reviewer, False)
    assert Entry.objects.filter(verb="review.approved", actor=cast.reviewer, object_id=review.pk).exists()


def test_a_second_decision_names_the_first(cast, review):
    decide(review, decision="approved", opinion="", by=cast.reviewer)
    colleague = make_user(cast.street, Role.REVIEWER)
    with pytest.raises(Refused, match=r"已由 五角场镇审核人 于 .* 审核"):
        decide(review, decision="refused", opinion="不对", by=colleague)


def test_returning_wants_an_opinion(cast, review):
    with pytest.raises(Refused, match="必须填写审批意见"):
        decide(review, decision="refused", opinion="  ", by=cast.reviewer)
    review.refresh_from_db()
    assert review.state == State.PENDING


@pytest.mark.parametrize("who", ["viewer", "other_reviewer", "district_admin", "platform_admin", "newcomer", "officer"])
def test_only_a_reviewer_of_the_very_superior_decides(cast, review, who):
    with pytest.raises(Refused):
        decide(review, decision="approved", opinion="", by=getattr(cast, who))
    review.refresh_from_db()
    assert review.state == State.PENDING


def test_a_reviewer_whose_role_ended_meanwhile_does_not_decide(cast, review):
    type(cast.reviewer).objects.filter(pk=cast.reviewer.pk).update(roles=[Role.VIEWER])
    with pytest.raises(Refused, match="没有审核这项申请的权限"):
        decide(review, decision="approved", opinion="", by=cast.reviewer)


def test_a_withdrawn_request_is_not_decided(cast, review):
    withdraw(review, by=cast.newcomer)
    with pytest.raises(Refused, match="已撤回"):
        decide(review, decision="approved", opinion="", by=cast.reviewer)


def test_a_decided_request_is_not_withdrawn(cast, review):
    decide(review, decision="approved", opinion="", by=cast.reviewer)
    with pytest.raises(Refused, match="不能重复审核"):
        withdraw(review, by=cast.newcomer)


def test_only_the_asking_union_withdraws(cast, review):
    with pytest.raises(Refused, match="提交申请的单位"):
        withdraw(review, by=cast.officer)


def test_a_kind_that_fails_leaves_nothing_behind(cast, review):
    Union.objects.filter(pk=cast.unfiled.pk).update(state="unfiled")
    with pytest.raises(Refused, match="状态已变为"):
        decide(review, decision="approved", opinion="", by=cast.reviewer)
    review.refresh_from_db()
    assert (review.state, review.steps.get().decision) == (State.PENDING, None)


def test_a_phrase_is_saved_once_and_removed(cast):
    save_phrase(" 信息属实。 ", by=cast.reviewer)
    save_phrase("信息属实。", by=cast.reviewer)
    assert [phrase.text for phrase in Phrase.objects.all()] == ["信息属实。"]
    remove_phrase(Phrase.objects.get(), by=cast.reviewer)
    assert not Phrase.objects.exists()


def test_phrases_have_a_limit(cast):
    for number in range(30):
        save_phrase(f"意见{number}", by=cast.reviewer)
    with pytest.raises(Refused, match="最多保存 30 条"):
        save_phrase("又一条", by=cast.reviewer)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "acts",
    [("approved", "refused"), ("approved", "approved"), ("approved", "withdraw"), ("refused", "withdraw")],
)
def test_two_at_once_make_one_decision(acts):
    cast = make_cast()
    review = submitted(cast).review
    people = {"approved": cast.reviewer, "refused": make_user(cast.street, Role.REVIEWER), "withdraw": cast.newcomer}
    start, outcomes = threading.Barrier(2), []

    def act(what: str) -> None:
        start.wait()
        try:
            if what == "withdraw":
                withdraw(review, by=people[what])
            else:
                decide(review, decision=what, opinion="意见", by=people[what])
            outcomes.append(what)
        except Refused as refusal:
            outcomes.append(refusal.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=[what]) for what in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [outcome for outcome in outcomes if outcome in {"approved", "refused", "withdraw"}]
    lost = [outcome for outcome in outcomes if outcome not in won]
    assert len(won) == 1
    assert len(lost) == 1
    assert "审核" in lost[0]
    review.refresh_from_db()
    cast.unfiled.refresh_from_db()
    expected = {"approved": "approved", "refused": "returned", "withdraw": "unfiled"}[won[0]]
    assert cast.unfiled.state == expected
    assert review.state == {"withdraw": "withdrawn"}.get(won[0], won[0])


def test_one_person_takes_back_so_many_requests_a_day(cast, review, monkeypatch):
    monkeypatch.setattr(actions, "WITHDRAWN_A_DAY", 1)
    withdraw(review, by=cast.newcomer)
    again = submitted(cast).review
    with pytest.raises(Refused, match="今天撤回的申请已有 1 项"):
        withdraw(again, by=cast.newcomer)
    assert Review.objects.get(pk=again.pk).state == State.PENDING
    Review.objects.filter(pk=review.pk).update(closed_at=timezone.now() - timedelta(days=1))
    withdraw(again, by=cast.newcomer)
