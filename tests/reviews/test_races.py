"""Two windows on one desk: whichever comes first holds, the other is told, and nothing is done by halves."""

from itertools import product

import pytest
from django.utils import timezone

from gonghui.audit.models import Entry
from gonghui.reviews import bulk as bulks
from gonghui.reviews.actions import decide
from gonghui.reviews.models import BulkDecision, BulkState, Review, ReviewState, Step
from tests.at_once import DONE, at_once
from tests.factories import make_user
from tests.people import make_cast
from tests.reviews.test_bulk import approve
from tests.reviews.test_views import steps_of, waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


@pytest.mark.parametrize("turn", range(3))
def test_taken_back_while_it_takes_effect_is_one_or_the_other(turn: int):
    cast = make_cast()
    reviews = waiting(cast, 4)
    bulk, colleague = approve(cast, reviews), make_user(cast.street)
    BulkDecision.objects.filter(pk=bulk.pk).update(effective_at=timezone.now())
    took_back, _ = at_once(lambda: bulks.take_back(bulk, by=colleague), lambda: bulks.apply(bulk.pk))
    bulk.refresh_from_db()
    states = set(Review.objects.filter(pk__in=[one.pk for one in reviews]).values_list("state", flat=True))
    if took_back == DONE:
        assert (bulk.state, states) == (BulkState.TAKEN_BACK, {ReviewState.PENDING})
        assert Step.objects.filter(open=True, bulk=None, superior=cast.street).count() == 4
    else:
        assert "已经生效" in took_back
        assert (bulk.state, bulk.done, states) == (BulkState.APPLIED, 4, {ReviewState.APPROVED})


@pytest.mark.parametrize("acts", list(product(["take_back", "hasten"], repeat=2)), ids="-".join)
def test_two_who_take_it_back_or_hasten_it_at_once(acts: tuple[str, str]):
    cast = make_cast()
    bulk = approve(cast, waiting(cast, 2))
    people = (cast.reviewer, make_user(cast.street))
    outcomes = at_once(
        *(lambda act=act, by=by: getattr(bulks, act)(bulk, by=by) for act, by in zip(acts, people, strict=True))
    )
    bulk.refresh_from_db()
    if "take_back" in acts:
        assert bulk.state == BulkState.TAKEN_BACK
        assert Entry.objects.filter(verb="bulk.taken_back").count() == 1
        assert all(outcome == DONE or "已经撤回" in outcome for outcome in outcomes)
    else:
        assert (bulk.state, outcomes) == (BulkState.WAITING, [DONE, DONE])


def test_the_same_ones_ticked_in_two_windows_are_in_one_bulk_decision():
    cast = make_cast()
    ids = steps_of(*waiting(cast, 3))
    people = (cast.reviewer, make_user(cast.street))
    outcomes = at_once(
        *(
            lambda by=by, decision=decision: bulks.decide_several(ids, decision=decision, opinion="请补", by=by)
            for by, decision in zip(people, ("approved", "refused"), strict=True)
        )
    )
    assert sorted(outcome == DONE for outcome in outcomes) == [False, True]
    assert "没有可以这样处理的" in "".join(outcomes)
    assert list(Step.objects.filter(pk__in=ids).values_list("bulk", flat=True)) == [BulkDecision.objects.get().pk] * 3


def test_decided_singly_and_ticked_at_once_is_decided_once():
    cast = make_cast()
    reviews = waiting(cast, 3)
    ids, colleague = steps_of(*reviews), make_user(cast.street)
    single, several = at_once(
        lambda: decide(reviews[0], decision="refused", opinion="请补", by=colleague),
        lambda: bulks.decide_several(ids, decision="approved", opinion="", by=cast.reviewer),
    )
    bulk = BulkDecision.objects.get()
    assert several == DONE
    if single == DONE:
        assert ids[0] not in bulk.step_ids
        assert Step.objects.get(pk=ids[0]).bulk_id is None
    else:
        assert "已把这项申请放入批量审核" in single
        assert set(bulk.step_ids) == set(ids)
