"""The approval engine: who decides, once; and what two people at once come to (SPEC 2.2, 5.1)."""

import threading
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.reviews import actions
from gonghui.reviews.actions import decide, phrases_for, remove_phrase, save_phrase, withdraw
from gonghui.reviews.models import Phrase, Review, ReviewState
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
    assert (review.state, step.decision, step.reviewer, step.open) == (
        ReviewState.APPROVED,
        "approved",
        cast.reviewer,
        False,
    )
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
    assert review.state == ReviewState.PENDING


@pytest.mark.parametrize("who", ["viewer", "other_reviewer", "district_admin", "platform_admin", "newcomer", "officer"])
def test_only_a_reviewer_of_the_very_superior_decides(cast, review, who):
    with pytest.raises(Refused):
        decide(review, decision="approved", opinion="", by=getattr(cast, who))
    review.refresh_from_db()
    assert review.state == ReviewState.PENDING


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
    assert (review.state, review.steps.get().decision) == (ReviewState.PENDING, None)


def test_a_phrase_is_saved_once_and_removed(cast):
    save_phrase(" 信息属实。 ", kind="filing", by=cast.reviewer)
    save_phrase("信息属实。", kind="filing", by=cast.reviewer)
    assert [phrase.text for phrase in Phrase.objects.all()] == ["信息属实。"]
    remove_phrase(Phrase.objects.get(), by=cast.reviewer)
    assert not Phrase.objects.exists()


def test_phrases_have_a_limit(cast):
    for number in range(30):
        save_phrase(f"意见{number}", kind="filing", by=cast.reviewer)
    with pytest.raises(Refused, match="最多保存 30 条"):
        save_phrase("又一条", kind="filing", by=cast.reviewer)


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
    assert Review.objects.get(pk=again.pk).state == ReviewState.PENDING
    Review.objects.filter(pk=review.pk).update(closed_at=timezone.now() - timedelta(days=1))
    withdraw(again, by=cast.newcomer)


def test_a_phrase_is_offered_for_its_own_kind_and_an_old_one_for_all(client, cast):
    save_phrase("换届日期已过，请改正。", kind="filing", by=cast.reviewer)
    save_phrase("名单已核对。", kind="card_batch", by=cast.reviewer)
    Phrase.objects.create(user=cast.reviewer, text="同意。")
    save_phrase("同意。", kind="card_batch", by=cast.reviewer)
    assert [phrase.text for phrase in phrases_for("filing", cast.reviewer)] == ["换届日期已过，请改正。", "同意。"]
    assert [phrase.text for phrase in phrases_for("card_batch", cast.reviewer)] == ["名单已核对。", "同意。"]
    client.force_login(cast.reviewer)
    page = client.get(reverse("reviews:review", args=[submitted(cast).review.pk])).text
    assert "换届日期已过" in page
    assert "同意。" in page
    assert "名单已核对" not in page


def test_the_same_words_may_be_kept_for_two_kinds(cast):
    save_phrase("同意。", kind="filing", by=cast.reviewer)
    save_phrase("同意。", kind="card_batch", by=cast.reviewer)
    assert cast.reviewer.phrases.count() == 2


def test_phrases_that_were_given_for_one_kind_become_its_own(cast):
    decide(submitted(cast).review, decision="approved", opinion="资料齐全。", by=cast.reviewer)
    for text in ("资料齐全。", "从未用过。"):
        Phrase.objects.create(user=cast.reviewer, text=text)
    with connection.cursor() as cursor:
        cursor.execute(import_module("gonghui.reviews.migrations.0003_phrases_by_kind").GIVE_KINDS)
    assert dict(Phrase.objects.values_list("text", "kind")) == {"资料齐全。": "filing", "从未用过。": ""}
