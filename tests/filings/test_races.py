"""Two people at the same moment, by two connections: one consistent outcome, and a clear sentence for the other."""

from functools import partial

import pytest
from django.core.files.base import ContentFile

from gonghui.filings.coverage.actions import cover_employer
from gonghui.filings.dissolution.actions import dissolve_union, restore_union
from gonghui.filings.models import Dissolution, Relocation
from gonghui.filings.relocation.actions import submit_relocation
from gonghui.imports.actions import upload_workbook
from gonghui.imports.hooks import KINDS
from gonghui.imports.job import run_batch
from gonghui.imports.models import Batch
from gonghui.kit.invent import invent_uscc
from gonghui.members.models import Member
from gonghui.members.register.actions import add_member
from gonghui.reviews.actions import decide, withdraw
from gonghui.unions.models import CoveredEmployer, Employer, Union
from tests.at_once import DONE, at_once
from tests.factories import live, make_member, make_user
from tests.filings.stories import amended, approved, dissolved, employer, joint, relocated, submitted
from tests.members.people import values
from tests.people import Cast, make_cast
from tests.workbooks import member_row, upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def end(cast: Cast, way: str = "closed", into: Union | None = None) -> Dissolution:
    officer = type(cast.officer).objects.get(pk=cast.officer.pk)
    return dissolve_union(cast.union, way=way, into=into, reason="注销", confirmed=cast.union.number, by=officer)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_the_last_approval_against_the_withdrawal(cast):
    review = relocated(cast).review
    approved(review, cast.reviewer)
    outcomes = at_once(
        lambda: decide(review, decision="approved", opinion="", by=cast.other_reviewer),
        lambda: withdraw(review, by=cast.officer),
    )
    assert outcomes.count(DONE) == 1
    review.refresh_from_db()
    expected = ("approved", cast.other_street.pk) if outcomes[0] == DONE else ("withdrawn", cast.street.pk)
    assert (review.state, live(cast.union).superior_id) == expected


def test_both_superiors_approve_at_the_same_moment(cast):
    review = relocated(cast).review
    acts = [
        lambda by=by: decide(review, decision="approved", opinion="", by=by)
        for by in (cast.reviewer, cast.other_reviewer)
    ]
    assert at_once(*acts) == [DONE, DONE]
    assert live(cast.union).superior == cast.other_street


def test_two_relocations_asked_for_at_once_are_one(cast):
    def ask(by):
        submit_relocation(cast.union, way="within", target=cast.other_street, reason="搬迁", by=by)

    outcomes = at_once(partial(ask, cast.officer), partial(ask, make_user(cast.union)))
    assert outcomes.count(DONE) == 1
    assert "正在" in next(outcome for outcome in outcomes if outcome != DONE)
    assert Relocation.objects.count() == 1


def test_a_relocation_against_an_import(cast):
    review = relocated(cast).review
    approved(review, cast.reviewer)
    file = ContentFile(upload([member_row(1), member_row(2)]).read(), name="会员.xlsx")
    outcomes = at_once(
        lambda: decide(review, decision="approved", opinion="", by=cast.other_reviewer),
        lambda: upload_workbook(cast.union, KINDS["members"], file, by=cast.officer),
    )
    assert outcomes[1] == DONE
    moved = live(cast.union).superior == cast.other_street
    assert moved == (outcomes[0] == DONE)
    assert moved or "正在处理" in outcomes[0]
    run_batch(Batch.objects.get().pk)
    assert Batch.objects.get().state == "done"
    assert (Member.objects.filter(union=cast.union).count(), live(cast.union).member_count) == (2, 2)


def test_a_dissolution_against_a_new_member(cast):
    outcomes = at_once(lambda: end(cast), lambda: add_member(cast.union, values(1), by=cast.officer))
    assert outcomes[0] == DONE
    assert live(cast.union).member_count == 0
    assert not Member.objects.filter(union=cast.union).exists()
    assert Dissolution.objects.get().member_count == (1 if outcomes[1] == DONE else 0)


def test_a_dissolution_against_a_request(cast):
    outcomes = at_once(lambda: end(cast), lambda: amended(cast))
    assert outcomes.count(DONE) == 1
    assert live(cast.union).state == ("dissolved" if outcomes[0] == DONE else "approved")


def test_a_double_clicked_dissolution_is_one(cast):
    make_member(cast.union)
    outcomes = at_once(lambda: end(cast), lambda: end(cast))
    assert outcomes.count(DONE) == 1
    assert Dissolution.objects.get().member_count == 1


def test_two_unions_merging_into_each_other(cast):
    mine, theirs = make_member(cast.union), make_member(cast.neighbour)
    outcomes = at_once(
        lambda: end(cast, "merged", cast.neighbour),
        lambda: dissolve_union(
            cast.neighbour, way="merged", into=cast.union, reason="合并", confirmed=cast.neighbour.number,
            by=cast.neighbour_officer,
        ),
    )  # fmt: skip
    assert outcomes.count(DONE) == 1
    left = cast.neighbour if outcomes[0] == DONE else cast.union
    assert set(Member.objects.filter(union=left)) == {mine, theirs}
    assert live(left).member_count == 2


def test_a_restoration_against_somebody_who_joins_elsewhere(cast):
    add_member(cast.union, values(1), by=cast.officer)
    ended = dissolved(cast)
    outcomes = at_once(
        lambda: restore_union(ended, reason="误操作", by=cast.platform_admin),
        lambda: add_member(cast.neighbour, values(1), by=cast.neighbour_officer),
    )
    assert outcomes[0] == DONE
    member = Member.objects.get()
    assert member.union == (cast.neighbour if outcomes[1] == DONE else cast.union)
    assert member.memberships.filter(ended_on=None).count() == 1
    assert live(cast.union).member_count + live(cast.neighbour).member_count == 1


def test_two_restorations_are_one(cast):
    make_member(cast.union)
    ended = dissolved(cast)
    restore = partial(restore_union, ended, reason="误操作", by=cast.platform_admin)
    assert at_once(restore, restore).count(DONE) == 1
    assert live(cast.union).member_count == 1


def test_two_unions_cover_the_same_employer(cast):
    joint(cast.union), joint(cast.neighbour)
    outcomes = at_once(
        lambda: cover_employer(cast.union, employer(1), by=cast.officer),
        lambda: cover_employer(cast.neighbour, employer(1), by=cast.neighbour_officer),
    )
    assert outcomes.count(DONE) == 1
    assert CoveredEmployer.objects.standing().count() == 1


def test_a_double_click_covers_once(cast):
    joint(cast.union)
    outcomes = at_once(*[lambda: cover_employer(cast.union, employer(1), by=cast.officer)] * 2)
    assert outcomes.count(DONE) == 1
    assert CoveredEmployer.objects.count() == 1


def test_an_approval_against_an_employer_that_is_covered_at_that_moment(cast):
    """Filed already it cannot be covered; so the filing is taken out of the way, and only the approval tells."""
    joint(cast.union)
    filing = submitted(cast, code=invent_uscc(1))
    type(filing).objects.filter(pk=filing.pk).update(code_held=False)
    at_once(
        lambda: decide(filing.review, decision="approved", opinion="同意。", by=cast.reviewer),
        lambda: cover_employer(cast.union, employer(1), by=cast.officer),
    )
    assert Employer.objects.get(union=cast.unfiled).code == invent_uscc(1)
    assert not CoveredEmployer.objects.standing().exists()
