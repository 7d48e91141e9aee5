"""A notice with a task counts as read when any user has done the task (SPEC 7.1)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from gonghui.accounts.models import Role
from gonghui.notices.actions import notify, settle
from gonghui.reviews.actions import decide, withdraw
from gonghui.transfers.departures.actions import remind
from gonghui.transfers.overdue.actions import settle_overdue
from tests.factories import make_member, make_user
from tests.filings.stories import returned, submitted
from tests.inspections.stories import confirmed, opened
from tests.transfers.stories import agreed, offered, overdue, requested, uploaded

pytestmark = pytest.mark.django_db


def unread(user) -> list[str]:
    return list(user.notices.filter(read_at=None).order_by("pk").values_list("title", flat=True))


@pytest.fixture
def colleague(cast):
    """Another reviewer of the street."""
    return make_user(cast.street, Role.REVIEWER)


def test_a_decided_review_is_read_by_all_who_might_have_decided_it(cast, colleague):
    review = submitted(cast).review
    assert len(unread(cast.reviewer)) == len(unread(colleague)) == 1
    decide(review, decision="approved", opinion="", by=cast.reviewer)
    assert unread(cast.reviewer) == unread(colleague) == []


def test_a_withdrawn_review_is_read(cast):
    withdraw(submitted(cast).review, by=cast.newcomer)
    assert unread(cast.reviewer) == []


def test_another_review_still_rings(cast):
    first, member = submitted(cast).review, make_member(cast.union)
    overdue(requested(cast, member))
    settle_overdue()
    decide(first, decision="approved", opinion="", by=cast.reviewer)
    assert unread(cast.reviewer) == ["会员转移逾期未审核，请审核"]


def test_a_notice_of_several_is_read_when_the_last_is_done(cast):
    members = [make_member(cast.union) for _ in range(3)]
    uploaded(cast, *members)
    for remaining, member in zip((2, 1, 0), members, strict=True):
        assert len(unread(cast.officer)) == 1, remaining
        agreed(member.transfers.get(), by=cast.officer)
    assert unread(cast.officer) == []


def test_a_reminder_is_read_with_what_it_reminds_of(cast):
    transfer = requested(cast, make_member(cast.union))
    remind([transfer.pk], by=cast.neighbour_officer)
    assert len(unread(cast.officer)) == 2
    agreed(transfer, by=cast.officer)
    assert unread(cast.officer) == []


def test_what_fell_to_the_superior_is_not_asked_of_the_union_any_more(cast):
    overdue(requested(cast, make_member(cast.union)))
    settle_overdue()
    assert unread(cast.officer) == []


def test_an_offer_is_read_when_it_is_accepted(cast):
    (offer,) = offered(cast, make_member(cast.union))
    assert len(unread(cast.neighbour_officer)) == 1
    agreed(offer, by=cast.neighbour_officer)
    assert not [title for title in unread(cast.neighbour_officer) if "请接收" in title]


def test_a_returned_filing_is_read_when_it_is_filed_again(cast):
    returned(cast)
    assert len(unread(cast.newcomer)) == 1
    submitted(cast)
    assert unread(cast.newcomer) == []


def test_an_inspection_is_read_by_the_union_that_confirms_alone(cast):
    window = opened(cast)
    for officer in (cast.officer, cast.neighbour_officer):
        notify([officer], "请完成年检", tasks=[f"inspection:{window.pk}:{officer.union_id}"])
    confirmed(cast, window)
    assert unread(cast.officer) == []
    assert "请完成年检" in unread(cast.neighbour_officer)


def test_what_asks_for_nothing_stays_until_it_is_read(cast):
    notify([cast.officer], "知道就好")
    settle(["review:1:superior"])
    settle([])
    assert unread(cast.officer) == ["知道就好"]


@pytest.mark.django_db(transaction=True)
def test_two_who_settle_different_tasks_of_the_same_notices_do_not_block_each_other(cast):
    """In any order: neither deadlocks, and the last one marks them read."""
    names = [f"t:{number}" for number in range(40)]
    for _ in range(20):
        notify([cast.officer, cast.neighbour_officer], "四十项", tasks=names, mail=False)

    def settle_each(these: list[str]) -> None:
        try:
            for name in these:
                with transaction.atomic():
                    settle([name])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(settle_each, (names[::2], names[1::2][::-1])))
    assert unread(cast.officer) == unread(cast.neighbour_officer) == []
