"""The request beside the desk's list: looked at and decided there as on its own page (SPEC 5.1)."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.reviews.actions import decide
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.models import Review, ReviewState, Step
from tests.factories import make_user
from tests.reviews.test_desk import TwoSteps
from tests.reviews.test_views import DESK, waiting

pytestmark = pytest.mark.django_db

BESIDE = {"HX-Request": "true", "HX-Target": "pane"}


def page_of(review: Review) -> str:
    return reverse("reviews:review", args=[review.pk])


def decided(client, review: Review, query: str = "", **fields):
    sent = {"decision": "approved", "opinion": "", "step": review.steps.get().pk} | fields
    return client.post(reverse("reviews:decide", args=[review.pk]) + query, sent, headers=BESIDE)


def test_beside_the_list_stands_what_its_page_shows_and_nothing_around_it(client, cast):
    (review,) = waiting(cast, 1)
    client.force_login(cast.reviewer)
    pane = client.get(page_of(review), headers=BESIDE).text
    for words in (
        "自动核查",
        "内容对照",
        "审核通过",
        "退回",
        "整页打开",
        "审批表",
        f'data-step="{review.steps.get().pk}"',
    ):
        assert words in pane
    assert "<html" not in pane
    assert "主菜单" not in pane
    assert 'id="pane"' in client.get(DESK).text
    assert 'id="pane"' not in client.get(DESK, {"tab": "done"}).text


def test_a_look_beside_the_list_is_recorded_and_shown_to_others_as_one_at_its_page(client, cast, monkeypatch):
    class ShowsOthers(TwoSteps):
        code, shows_others = "shows_others", True

    cache.clear()
    monkeypatch.setitem(KINDS, ShowsOthers.code, ShowsOthers())
    review = Review.objects.create(kind="shows_others", union=cast.union, title="名单", submitted_by=cast.officer)
    Step.objects.create(review=review, superior=cast.street)
    looks = Entry.objects.filter(verb="review.looked_at").order_by("pk")
    client.force_login(make_user(cast.street, name="周建华"))
    client.get(page_of(review))
    client.get(page_of(review), headers=BESIDE)
    whole, beside = looks
    assert (whole.actor, whole.object_id, whole.data) == (beside.actor, beside.object_id, beside.data)
    client.force_login(cast.reviewer)
    assert "周建华正在看" in client.get(page_of(review), headers=BESIDE).text


def test_a_decision_there_takes_effect_at_once_and_the_lists_next_one_follows(client, cast):
    first, second, third = waiting(cast, 3)
    client.force_login(cast.reviewer)
    answer = decided(client, first, next=third.steps.get().pk)
    first.refresh_from_db()
    assert first.state == ReviewState.APPROVED
    assert "gonghui:decided" in answer.headers["HX-Trigger"]
    assert f'data-step="{third.steps.get().pk}"' in answer.text
    assert f"「{first.title}」已审核通过" in answer.text
    assert 'hx-swap-oob="innerHTML"' in answer.text
    assert f'data-step="{second.steps.get().pk}"' in decided(client, third).text, "no row of the list: the first"
    assert "没有更多待审核的申请了" in decided(client, second).text


def test_the_next_one_keeps_the_filters_and_is_never_another_desks(client, cast):
    first, second, third = waiting(cast, 3)
    Step.objects.filter(review=second).update(superior=cast.company)
    client.force_login(cast.reviewer)
    answer = decided(client, first, "?q=餐饮2", next=second.steps.get().pk)
    assert f'data-step="{third.steps.get().pk}"' in answer.text
    assert "?q=%E9%A4%90%E9%A5%AE2" in answer.text


def test_what_is_refused_there_keeps_the_opinion_and_the_row(client, cast):
    (review,) = waiting(cast, 1)
    client.force_login(cast.reviewer)
    answer = decided(client, review, decision="refused", opinion=" ")
    assert answer.status_code == 409
    assert "退回时必须填写审批意见" in answer.text
    assert "HX-Trigger" not in answer.headers, "the row stays"
    decide(review, decision="approved", opinion="", by=make_user(cast.street, name="周建华"))
    late = decided(client, review, decision="refused", opinion="地址不详")
    assert (late.status_code, "已由 周建华 于" in late.text) == (409, True)
    assert "gonghui:decided" in late.headers["HX-Trigger"], "somebody was first: the row leaves"


def test_who_only_looks_has_no_buttons_there_and_out_of_scope_is_not_found(client, cast):
    (review,) = waiting(cast, 1)
    client.force_login(cast.viewer)
    pane = client.get(page_of(review), headers=BESIDE)
    assert "data-step" in pane.text
    assert "审核通过" not in pane.text
    client.force_login(cast.other_reviewer)
    assert client.get(page_of(review), headers=BESIDE).status_code == 404
    assert decided(client, review).status_code == 404


def test_beside_the_list_nothing_is_asked_for_its_place(client, cast):
    def asked(headers: dict[str, str], review: Review) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(review), headers=headers).status_code == 200
        return len(captured)

    client.force_login(cast.reviewer)
    (one,) = waiting(cast, 1)
    assert client.get(page_of(one)).context["place"].total == 1
    assert client.get(page_of(one), headers=BESIDE).context["place"] is None
    alone = asked(BESIDE, one)
    waiting(cast, 30, start=10)
    assert asked(BESIDE, one) == alone
