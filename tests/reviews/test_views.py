"""The desk and the decision page (SPEC 5.1)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from gonghui.filings.filing.actions import submit_filing
from gonghui.reviews.actions import decide
from gonghui.reviews.models import Phrase, Review, ReviewState
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import RegisteredEmployer
from tests.factories import make_union, make_user, org_code
from tests.filings.stories import submitted, values

DESK = "/reviews/"


def waiting(cast, count: int, *, registered: bool = True, start: int = 0) -> list[Review]:
    """So many filings that wait for the street; unregistered ones are doubtful."""
    reviews = []
    for number in range(start, start + count):
        name, code = f"上海示例餐饮{number}有限公司", org_code(1000 + number)
        union = make_union(UnionKind.GRASSROOTS, None, name=name)
        if registered:
            RegisteredEmployer.objects.create(name=name, code=code)
        data = values(cast) | {"employer_name": name, "code": code}
        reviews.append(submit_filing(union, entrance="district", values=data, by=make_user(union)).review)
    return reviews


def test_the_desk_lists_what_waits_oldest_first(client, cast):
    first, second = waiting(cast, 2)
    Review.objects.filter(pk=first.pk).update(submitted_at=timezone.now() - timezone.timedelta(days=12))
    client.force_login(cast.reviewer)
    page = client.get(DESK)
    assert [step.review for step in page.context["page"].rows] == [first, second]
    assert "12 天" in page.content.decode()


def steps_of(*reviews: Review) -> list[int]:
    """What the desk's boxes send."""
    return [review.steps.get().pk for review in reviews]


@pytest.mark.parametrize(
    ("who", "status"), [("officer", 404), ("claimant", 404), ("viewer", 200), ("other_reviewer", 200)]
)
def test_the_desk_is_for_superiors_and_only_their_own(client, cast, who, status):
    waiting(cast, 1)
    client.force_login(getattr(cast, who))
    page = client.get(DESK)
    assert page.status_code == status
    if who == "other_reviewer":
        assert not page.context["page"].rows


def test_filters_narrow_and_nonsense_in_them_shows_nothing(client, cast):
    waiting(cast, 3)
    client.force_login(cast.reviewer)
    assert len(client.get(DESK, {"q": "餐饮1"}).context["page"].rows) == 1
    assert len(client.get(DESK, {"page": "x", "near": "9:9.9", "size": "7"}).context["page"].rows) == 3
    assert len(client.get(DESK, {"kind": "nonsense"}).context["page"].rows) == 0


def test_after_a_decision_the_next_one_follows_with_the_filters(client, cast):
    first, second, third = waiting(cast, 3)
    client.force_login(cast.reviewer)
    answer = client.post(
        reverse("reviews:decide", args=[first.pk]) + "?q=餐饮", {"decision": "approved", "opinion": ""}
    )
    assert answer.url.startswith(reverse("reviews:review", args=[second.pk]))
    assert "q=" in answer.url
    client.post(reverse("reviews:decide", args=[third.pk]), {"decision": "approved"})
    last = client.post(reverse("reviews:decide", args=[second.pk]), {"decision": "approved"})
    assert last.url.startswith(DESK + "?") or last.url == DESK


def test_the_page_shows_the_refusal_and_keeps_the_opinion(client, cast):
    review = submitted(cast).review
    decide(review, decision="approved", opinion="", by=cast.reviewer)
    client.force_login(make_user(cast.street))
    answer = client.post(reverse("reviews:decide", args=[review.pk]), {"decision": "refused", "opinion": "地址不详"})
    assert answer.status_code == 409
    assert "已由 五角场镇审核人 于" in answer.content.decode()


def test_a_decision_that_is_none_is_not_found(client, cast):
    review = submitted(cast).review
    client.force_login(cast.reviewer)
    assert client.post(reverse("reviews:decide", args=[review.pk]), {"decision": "maybe"}).status_code == 404
    assert client.get(reverse("reviews:decide", args=[review.pk])).status_code == 405


def test_several_of_another_desk_are_left_alone(client, cast):
    review = waiting(cast, 1)[0]
    client.force_login(cast.other_reviewer)
    client.post(reverse("reviews:several"), {"decision": "approved", "step": [*steps_of(review), "x", "99999999"]})
    review.refresh_from_db()
    assert review.state == ReviewState.PENDING


def test_decided_ones_stay_visible_to_those_who_decided(client, cast):
    review = submitted(cast).review
    decide(review, decision="refused", opinion="请补地址", by=cast.reviewer)
    client.force_login(cast.reviewer)
    rows = client.get(DESK, {"tab": "done"}).context["page"].rows
    assert [step.review for step in rows] == [review]
    assert client.get(reverse("reviews:review", args=[review.pk])).status_code == 200


@pytest.mark.parametrize("who", ["other_reviewer", "company_reviewer", "officer", "claimant"])
def test_a_review_out_of_scope_is_not_found(client, cast, who):
    review = submitted(cast).review
    client.force_login(getattr(cast, who))
    assert client.get(reverse("reviews:review", args=[review.pk])).status_code == 404
    assert client.post(reverse("reviews:decide", args=[review.pk]), {"decision": "approved"}).status_code == 404


def test_the_officer_sees_his_own_review_without_the_reviewers_checks(client, cast):
    review = submitted(cast).review
    client.force_login(cast.newcomer)
    page = client.get(reverse("reviews:review", args=[review.pk])).content.decode()
    assert "申请内容" in page
    assert "自动核查" not in page
    assert "id_opinion" not in page


def test_a_viewer_may_look_but_not_decide(client, cast):
    review = submitted(cast).review
    client.force_login(cast.viewer)
    assert "id_opinion" not in client.get(reverse("reviews:review", args=[review.pk])).content.decode()
    assert client.post(reverse("reviews:decide", args=[review.pk]), {"decision": "approved"}).status_code == 409


def test_an_opinion_is_kept_as_a_phrase_and_removed(client, cast):
    review = submitted(cast).review
    client.force_login(cast.reviewer)
    data = {"decision": "approved", "opinion": "材料齐全。", "save_phrase": "1"}
    client.post(reverse("reviews:decide", args=[review.pk]), data)
    phrase = Phrase.objects.get(user=cast.reviewer)
    client.force_login(cast.other_reviewer)
    assert client.post(reverse("reviews:remove_phrase", args=[phrase.pk])).status_code == 404
    client.force_login(cast.reviewer)
    client.post(reverse("reviews:remove_phrase", args=[phrase.pk]))
    assert not Phrase.objects.exists()


def test_the_desk_asks_as_many_queries_for_100_rows_as_for_10(client, cast):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(cast.reviewer)
    counts = []
    for more in (10, 90):
        _bulk(cast, more)
        client.get(DESK, {"size": 100})
        with CaptureQueriesContext(connection) as captured:
            page = client.get(DESK, {"size": 100})
        counts.append(len(captured))
    assert len(page.context["page"].rows) == 100
    assert counts[0] == counts[1]


def _bulk(cast, count: int) -> None:
    from gonghui.reviews.models import Step

    for _ in range(count):
        union = make_union(UnionKind.GRASSROOTS, None)
        review = Review.objects.create(kind="filing", union=union, title=union.name, submitted_by=cast.newcomer)
        Step.objects.create(review=review, superior=cast.street)
