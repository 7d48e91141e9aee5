"""Whatever three unions and their superiors do, in any order: nobody is in two unions, nobody is lost, the stays have no
gap and no overlap, and each move has its agreement on record (SPEC 3.2, 3.3, 3.6, 3.7)."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gonghui.accounts.models import User
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.reviews.actions import decide
from gonghui.reviews.models import Step
from gonghui.transfers.answers.actions import answer
from gonghui.transfers.departures.actions import release, remind, undo, withdraw
from gonghui.transfers.models import Transfer
from gonghui.transfers.overdue.actions import settle_overdue
from gonghui.transfers.requests.actions import request_member
from tests.factories import make_member
from tests.people import make_cast
from tests.transfers.stories import overdue
from tests.world import rolled_back

STEPS, EXAMPLES = 40, 15
UNIONS = ("union", "neighbour", "far")
OFFICERS = {"union": "officer", "neighbour": "neighbour_officer", "far": "far_officer"}
unions, people = st.sampled_from(UNIONS), st.integers(0, 4)
chosen = st.lists(st.integers(0, 9), min_size=1, max_size=3)

BROKEN = {
    "the union of a member is that of the one open stay": """
        SELECT m.id FROM members_member m JOIN members_membership s ON s.member_id = m.id AND s.ended_on IS NULL
        WHERE m.union_id IS DISTINCT FROM s.union_id""",
    "each has exactly one open stay": """
        SELECT m.id FROM members_member m
        WHERE (SELECT count(*) FROM members_membership WHERE member_id = m.id AND ended_on IS NULL) <> 1""",
    "a stay that ended has a successor": """
        SELECT s.id FROM members_membership s
        WHERE s.ended_on IS NOT NULL AND NOT EXISTS (SELECT FROM members_membership WHERE previous_id = s.id)""",
    "each move has its agreement on record": """
        SELECT s.id FROM members_membership s WHERE s.previous_id IS NOT NULL AND s.began_by <> 'undone' AND NOT EXISTS (
        SELECT FROM transfers_transfer t WHERE t.act = s.began_act AND t.member_id = s.member_id
        AND t.target_id IS NOT DISTINCT FROM s.union_id AND t.decided_by_id IS NOT NULL
        AND t.state IN ('agreed', 'left', 'undone'))""",
    "nothing waits for who is not there any more": """
        SELECT t.id FROM transfers_transfer t JOIN members_member m ON m.id = t.member_id
        WHERE t.state = 'waiting' AND m.union_id IS DISTINCT FROM t.origin_id""",
    "a desk waits only for what waits": """
        SELECT t.id FROM transfers_transfer t JOIN reviews_review r ON r.id = t.review_id
        WHERE (r.state = 'pending') <> (t.state = 'waiting')""",
    "the counters are true": """
        SELECT u.id FROM unions_union u WHERE u.member_count <> (SELECT count(*) FROM members_member WHERE union_id = u.id)""",
}


class Moves(RuleBasedStateMachine):
    """Officers of three unions ask, let go, answer and take back; days pass; superiors decide."""

    @initialize()
    def begin(self) -> None:
        self.save = rolled_back()
        self.save.__enter__()
        self.cast = make_cast()
        places = (self.cast.union, self.cast.union, self.cast.neighbour, self.cast.far, None)
        self.people = [
            make_member(place, name=name)
            for place, name in zip(places, ("甲示例", "乙示例", "丙示例", "丁示例", "戊示例"), strict=True)
        ]

    def teardown(self) -> None:
        if hasattr(self, "save"):
            self.save.__exit__(None, None, None)

    @contextmanager
    def act(self) -> Iterator[None]:
        """A refusal has changed nothing."""
        before = self.trace()
        try:
            yield
        except Refused:
            assert self.trace() == before

    def trace(self) -> list[tuple]:
        return [
            *Member.objects.order_by("pk").values_list("pk", "union"),
            *Transfer.objects.order_by("pk").values_list("pk", "state", "review"),
        ]

    def officer(self, union: str) -> User:
        return User.objects.get(pk=getattr(self.cast, OFFICERS[union]).pk)

    def transfers(self, places: list[int]) -> list[int]:
        """Some of the newest, waiting or not, anybody's."""
        newest = list(Transfer.objects.order_by("-pk").values_list("pk", flat=True)[:10])
        return [newest[place] for place in places if place < len(newest)]

    @rule(union=unions, person=people, right=st.booleans())
    def ask(self, union: str, person: int, right: bool) -> None:
        member = self.people[person]
        with self.act():
            name = member.name if right else "己示例"
            request_member(getattr(self.cast, union), name, member.document_number, by=self.officer(union))

    @rule(union=unions, who=st.lists(people, min_size=1, max_size=3), to=st.sampled_from([*UNIONS, None]))
    def let_go(self, union: str, who: list[int], to: str | None) -> None:
        ids = [self.people[name].pk for name in who]
        target = getattr(self.cast, to) if to else None
        with self.act():
            release(getattr(self.cast, union), ids, to=target, reason="resigned", note="", by=self.officer(union))

    @rule(union=unions, places=chosen, agree=st.sampled_from([True, True, False]))
    def answer(self, union: str, places: list[int], agree: bool) -> None:
        with self.act():
            answer(self.transfers(places), agree=agree, opinion="意见", by=self.officer(union))

    @rule(union=unions, places=chosen, what=st.sampled_from([withdraw, remind, undo]))
    def take_back(self, union: str, places: list[int], what) -> None:
        with self.act():
            what(self.transfers(places), by=self.officer(union))

    @rule()
    def days_pass(self) -> None:
        overdue(*Transfer.objects.waiting().filter(review=None))
        settle_overdue()

    @rule(decision=st.sampled_from(["approved", "refused"]))
    def superior_decides(self, decision: str) -> None:
        step = Step.objects.filter(open=True).select_related("review", "superior").order_by("pk").first()
        if step:
            by = User.objects.filter(union=step.superior, roles__contains=["reviewer"]).order_by("pk").first()
            with self.act():
                decide(step.review, decision=decision, opinion="意见", by=by)

    @invariant()
    def nothing_is_broken(self) -> None:
        if hasattr(self, "cast"):
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")  # as at a commit
                cursor.execute(
                    " UNION ALL ".join(
                        f"SELECT '{invariant}' WHERE EXISTS ({query})" for invariant, query in BROKEN.items()
                    )
                )
                assert cursor.fetchall() == []
            assert Member.objects.count() == len(self.people)


@pytest.mark.django_db
def test_whatever_they_do_nobody_is_lost_and_each_move_is_agreed_to():
    suppressed = [HealthCheck.too_slow, HealthCheck.data_too_large]
    limits = settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=suppressed, database=None
    )
    run_state_machine_as_test(Moves, settings=limits)
