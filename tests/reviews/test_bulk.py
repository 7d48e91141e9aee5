"""Many requests decided at once: shown by kind, five minutes to take it back, then each by the one action (SPEC 5.1)."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.reviews import bulk as bulks
from gonghui.reviews import checking, presence
from gonghui.reviews.actions import decide, withdraw
from gonghui.reviews.bulk import MAX_AT_ONCE, decide_several, hasten, take_back
from gonghui.reviews.models import BulkDecision, BulkState, Review, ReviewState, Step
from gonghui.reviews.queries import awaited
from tests.factories import make_user
from tests.policies.stories import ruled
from tests.reviews.test_views import steps_of, waiting

pytestmark = pytest.mark.django_db

DESK = "/reviews/"


def taken(bulk: BulkDecision) -> BulkDecision:
    """The same once its minutes are over and its job has run."""
    BulkDecision.objects.filter(pk=bulk.pk).update(effective_at=timezone.now())
    bulks.apply(bulk.pk)
    return BulkDecision.objects.get(pk=bulk.pk)


def approve(cast, reviews) -> BulkDecision:
    return decide_several(steps_of(*reviews), decision="approved", opinion="", by=cast.reviewer)


def states(reviews) -> set[str]:
    return set(Review.objects.filter(pk__in=[review.pk for review in reviews]).values_list("state", flat=True))


def test_a_bulk_decision_takes_effect_after_five_minutes_and_not_before(cast):
    reviews = waiting(cast, 3)
    bulk = approve(cast, reviews)
    assert bulks.grace() == timedelta(minutes=5)
    assert bulk.effective_at > timezone.now() + timedelta(minutes=4)
    bulks.apply(bulk.pk)
    assert (states(reviews), bulk.state) == ({ReviewState.PENDING}, BulkState.WAITING)
    assert not awaited(cast.reviewer).exists(), "it waits for nobody's decision meanwhile"
    done = taken(bulk)
    assert (states(reviews), done.state, done.done) == ({ReviewState.APPROVED}, BulkState.APPLIED, 3)
    assert not Step.objects.filter(bulk=bulk).exists()


def test_the_city_sets_how_long_it_waits(cast, client):
    ruled(cast, take_back_minutes=20)
    reviews = waiting(cast, 2)
    client.force_login(cast.reviewer)
    page = client.post(reverse("reviews:several"), {"step": steps_of(*reviews), "decision": "approved"})
    assert "20 分钟后生效" in page.text
    bulk = approve(cast, reviews)
    assert timedelta(minutes=19) < bulk.effective_at - timezone.now() <= timedelta(minutes=20)


def test_it_may_be_taken_back_whole_until_then(cast):
    reviews = waiting(cast, 3)
    bulk = approve(cast, reviews)
    assert take_back(bulk, by=cast.reviewer) == 3
    assert awaited(cast.reviewer).count() == 3
    assert taken(bulk).state == BulkState.TAKEN_BACK
    assert states(reviews) == {ReviewState.PENDING}
    with pytest.raises(Refused, match="已经撤回"):
        take_back(bulk, by=cast.reviewer)


def test_what_has_taken_effect_is_not_taken_back(cast):
    bulk = taken(approve(cast, waiting(cast, 2)))
    with pytest.raises(Refused, match="已经生效"):
        take_back(bulk, by=cast.reviewer)
    with pytest.raises(Refused, match="已经生效"):
        hasten(bulk, by=cast.reviewer)


def test_who_may_not_review_neither_decides_nor_takes_back(cast):
    reviews = waiting(cast, 2)
    with pytest.raises(Refused, match="没有审核的权限"):
        decide_several(steps_of(*reviews), decision="refused", opinion="请补", by=cast.viewer)
    bulk = approve(cast, reviews)
    with pytest.raises(Refused, match="没有审核的权限"):
        take_back(bulk, by=cast.viewer)
    with pytest.raises(BulkDecision.DoesNotExist):
        take_back(bulk, by=cast.other_reviewer)


def test_a_colleague_may_take_it_back(cast):
    bulk = approve(cast, waiting(cast, 2))
    assert take_back(bulk, by=make_user(cast.street)) == 2


def test_at_once_ends_the_wait(cast):
    reviews = waiting(cast, 2)
    bulk = approve(cast, reviews)
    hasten(bulk, by=cast.reviewer)
    bulks.apply(bulk.pk)
    assert states(reviews) == {ReviewState.APPROVED}


def test_a_second_run_changes_nothing(cast):
    bulk = taken(approve(cast, waiting(cast, 2)))
    entries = Entry.objects.count()
    bulks.apply(bulk.pk)
    assert Entry.objects.count() == entries


def test_a_run_after_a_killed_one_decides_the_rest_and_counts_all(cast):
    reviews = waiting(cast, 3)
    bulk = approve(cast, reviews)
    BulkDecision.objects.filter(pk=bulk.pk).update(state=BulkState.APPLYING)
    bulk.refresh_from_db()
    step = Step.objects.filter(bulk=bulk).order_by("pk")[0]
    decide(step.review, decision="approved", opinion="", by=cast.reviewer, bulk=bulk)
    bulks.apply(bulk.pk)
    bulk.refresh_from_db()
    assert (bulk.state, bulk.done, states(reviews)) == (BulkState.APPLIED, 3, {ReviewState.APPROVED})


def test_a_decision_whose_job_is_no_more_is_given_up_and_its_requests_wait_again(cast):
    reviews = waiting(cast, 2)
    bulk = approve(cast, reviews)
    bulks.give_up(bulk.pk)
    bulk.refresh_from_db()
    assert (bulk.state, bulk.done) == (BulkState.APPLIED, 0)
    assert awaited(cast.reviewer).count() == 2
    assert "2 件没有处理" in cast.reviewer.notices.order_by("-pk")[0].title


def test_one_that_waits_for_its_effect_is_not_decided_singly(cast):
    (review,) = waiting(cast, 1)
    approve(cast, [review])
    with pytest.raises(Refused, match="已把这项申请放入批量审核"):
        decide(review, decision="refused", opinion="请补", by=cast.reviewer)


def test_a_request_that_is_withdrawn_meanwhile_is_told_apart(cast):
    reviews = waiting(cast, 3)
    bulk = approve(cast, reviews)
    withdraw(reviews[0], by=reviews[0].submitted_by)
    done = taken(bulk)
    assert done.done == 2
    assert "1 项没有处理：已不在待办中" in cast.reviewer.notices.order_by("-pk")[0].body


def test_what_is_doubtful_is_passed_over_by_approval_and_waits_on(cast):
    clean, doubtful = waiting(cast, 2), waiting(cast, 3, registered=False, start=20)
    planned = bulks.plan(steps_of(*clean, *doubtful), decision="approved", by=cast.reviewer)
    assert (len(planned.steps), len(planned.doubtful), planned.by_kind) == (2, 3, [("工会填报", 2)])
    assert len(approve(cast, [*clean, *doubtful]).step_ids) == 2
    assert awaited(cast.reviewer).count() == 3
    refusal = bulks.plan(steps_of(*doubtful), decision="refused", by=cast.reviewer)
    assert len(refusal.steps) == 3


def test_doubts_that_arise_in_the_five_minutes_are_found(cast, monkeypatch):
    reviews = waiting(cast, 2)
    bulk = approve(cast, reviews)
    monkeypatch.setattr(bulks, "is_clean", lambda *_: False)
    assert taken(bulk).done == 0
    assert states(reviews) == {ReviewState.PENDING}
    assert "自动核查有需要注意的地方" in cast.reviewer.notices.order_by("-pk")[0].body


def test_none_too_many_and_nothing_left_are_refused(cast):
    with pytest.raises(Refused, match="请先勾选"):
        approve(cast, [])
    with pytest.raises(Refused, match="一次最多处理 500 项"):
        decide_several(range(1, MAX_AT_ONCE + 2), decision="approved", opinion="", by=cast.reviewer)
    with pytest.raises(Refused, match="没有可以这样处理的"):
        approve(cast, waiting(cast, 1, registered=False))
    with pytest.raises(Refused, match="必须填写审批意见"):
        decide_several([1], decision="refused", opinion=" ", by=cast.reviewer)


def test_checks_of_many_ask_no_more_than_those_of_few(cast):
    def asked(count: int, start: int) -> int:
        ids = steps_of(*waiting(cast, count, registered=False, start=start))
        with CaptureQueriesContext(connection) as captured:
            bulks.plan(ids, decision="approved", by=cast.reviewer)
        return len(captured)

    assert asked(3, 100) == asked(30, 200)


# The pages


def test_one_confirmation_with_counts_by_kind_and_then_the_way_back(cast, client):
    clean, doubtful = waiting(cast, 2), waiting(cast, 1, registered=False, start=20)
    client.force_login(cast.reviewer)
    ids = ",".join(map(str, steps_of(*clean, *doubtful)))
    asked = client.post(f"{reverse('reviews:several')}?q=&size=50", {"decision": "approved", "step": ids}).text
    assert "通过 2 件" in asked
    assert "另有 1 件自动核查有疑点" in asked
    assert not BulkDecision.objects.exists()
    sent = {"decision": "approved", "step": ids, "sure": "1"}
    answer = client.post(f"{reverse('reviews:several')}?size=50", sent, follow=True)
    bulk = BulkDecision.objects.get()
    assert answer.redirect_chain == [(f"{DESK}?size=50&decided={bulk.pk}", 302)]
    assert "待生效" in answer.text
    assert f'data-only="{bulk.step_ids[0]},{bulk.step_ids[1]}"' in " ".join(answer.text.split())
    client.post(reverse("reviews:change_bulk", args=[bulk.pk]), {"act": "take_back"})
    assert awaited(cast.reviewer).count() == 3


def test_another_union_s_decision_is_not_found(cast, client):
    bulk = approve(cast, waiting(cast, 1))
    client.force_login(cast.other_reviewer)
    assert client.post(reverse("reviews:change_bulk", args=[bulk.pk]), {"act": "take_back"}).status_code == 404
    client.force_login(cast.reviewer)
    assert client.post(reverse("reviews:change_bulk", args=[bulk.pk]), {"act": "nonsense"}).status_code == 404


def test_all_that_fit_the_filters_are_ticked_across_pages(cast, client):
    reviews = waiting(cast, 25)
    client.force_login(cast.reviewer)
    assert client.get(reverse("reviews:fit")).json() == {"ids": sorted(steps_of(*reviews))}
    assert client.get(reverse("reviews:fit"), {"q": "餐饮7有"}).json() == {"ids": steps_of(reviews[7])}


def test_the_desk_filters_what_no_check_doubts(cast, client):
    waiting(cast, 2)
    waiting(cast, 1, registered=False, start=20)
    checking.check(checking.unchecked())
    client.force_login(cast.reviewer)
    page = client.get(DESK)
    assert {chip["label"]: chip["count"] for chip in page.context["chips"]}["核查无疑点"] == 2
    assert page.context["page"].total == 3
    assert client.get(DESK, {"no_doubts": "1"}).context["page"].total == 2


def test_what_was_checked_today_is_not_checked_again(cast):
    reviews = waiting(cast, 2)
    assert sorted(checking.unchecked()) == sorted(review.pk for review in reviews)
    checking.check(checking.unchecked())
    assert checking.unchecked() == []
    Review.objects.update(checked_at=timezone.now() - timedelta(days=2))
    assert len(checking.unchecked()) == 2


def test_who_looks_at_a_request_is_shown_to_the_others(cast, client):
    cache.clear()
    (review,) = waiting(cast, 1)
    colleague = make_user(cast.street, name="周建华")
    client.force_login(colleague)
    page = reverse("reviews:review", args=[review.pk])
    assert "正在看" not in client.get(page).text
    client.force_login(cast.reviewer)
    assert "周建华正在看" in client.get(page).text
    assert "周建华正在看" in client.get(DESK).text
    assert "周建华正在看" in client.post(reverse("reviews:presence", args=[review.pk])).text
    assert presence.present([review.pk], cast.reviewer) == {review.pk: "周建华"}


def test_the_approval_form_holds_what_was_asked_and_who_decided(cast, client):
    (review,) = waiting(cast, 1)
    decide(review, decision="approved", opinion="资料齐全", by=cast.reviewer)
    client.force_login(cast.reviewer)
    page = client.get(reverse("reviews:form", args=[review.pk])).text
    for words in ("工会填报审批表", "资料齐全", str(cast.reviewer), cast.street.name):
        assert words in page
    client.force_login(cast.far_officer)
    assert client.get(reverse("reviews:form", args=[review.pk])).status_code == 404
