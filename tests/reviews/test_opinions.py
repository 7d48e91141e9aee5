"""What a kind says of a decision is said of the step that decided, whoever else has had a say or still waits (SPEC 5.1)."""

from collections.abc import Callable

import pytest
from django.db.models import Q

from gonghui.filings.registration.actions import register_employer
from gonghui.members.models import Member
from gonghui.members.register.actions import add_member
from gonghui.notices.models import Notice
from gonghui.reviews.actions import decide
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.models import Review, ReviewPart, Step
from gonghui.transfers.models import Transfer
from gonghui.transfers.overdue.actions import settle_overdue
from tests.cards.stories import submitted as batch_of
from tests.factories import make_member
from tests.filings.stories import submitted
from tests.members.by_code.test_actions import OTHER, bound, started
from tests.members.corrections.test_actions import asked
from tests.members.people import values
from tests.people import Cast
from tests.transfers.stories import overdue, requested

pytestmark = pytest.mark.django_db


def a_correction(cast: Cast) -> Review:
    member = add_member(cast.union, values(1), by=cast.officer)
    Member.objects.update(has_card=True)
    return asked(cast, member).review


def a_code_import(cast: Cast) -> Review:
    bound(cast, 1, OTHER)
    return started(cast, OTHER).review


def a_transfer(cast: Cast) -> Review:
    overdue(requested(cast, make_member(cast.union)))
    settle_overdue()
    return Transfer.objects.get().review


def a_claim(cast: Cast) -> Review:
    return register_employer(cast.claimant, name=cast.union.employer.name, registered_id=None).review


STORIES: dict[str, Callable[[Cast], Review]] = {
    "filing": lambda cast: submitted(cast).review,
    "account_claim": a_claim,
    "card_batch": lambda cast: batch_of(cast).review,
    "correction": a_correction,
    "code_import": a_code_import,
    "member_transfer": a_transfer,
}
ONE_SUPERIOR = set(KINDS) - {"amendment", "relocation"}  # which say it as the filing does, and have tests of their own


def test_every_kind_of_one_superior_is_asked():
    assert set(STORIES) == ONE_SUPERIOR


@pytest.mark.parametrize("code", STORIES)
def test_a_refusal_tells_the_opinion_of_the_step_that_refused(cast, code):
    """Beside one that has approved with another opinion, and one that still waits."""
    review = STORIES[code](cast)
    for part in (ReviewPart.RELEASING, ReviewPart.RECEIVING):
        Step.objects.create(review=review, part=part, superior=cast.street)
    decide(review, decision="approved", opinion="材料齐全", by=cast.reviewer, part=ReviewPart.SUPERIOR)
    decide(review, decision="refused", opinion="号码不清楚", by=cast.reviewer, part=ReviewPart.RELEASING)
    assert Notice.objects.filter(Q(title__contains="号码不清楚") | Q(body__contains="号码不清楚")).exists()
    assert not Notice.objects.filter(Q(title__contains="材料齐全") | Q(body__contains="材料齐全")).exists()
