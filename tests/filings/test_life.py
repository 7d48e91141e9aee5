"""Unions lived through at random by several people: whatever they do, nobody is lost and everything is on record.

Each step of the machine is one act of one person through the same action as the pages', allowed or refused; after each the
invariants are asked of the database (SPEC 2.2 to 2.5, 3.3, 7.2).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gonghui.accounts.models import User
from gonghui.filings.amendment.actions import submit_amendment
from gonghui.filings.dissolution.actions import dissolve_union, restore_union
from gonghui.filings.models import Dissolution
from gonghui.filings.relocation.actions import submit_relocation
from gonghui.kit.errors import Refused
from gonghui.members.models import Member, Membership
from gonghui.members.register.actions import add_member
from gonghui.reviews.actions import decide, withdraw
from gonghui.reviews.models import Review, Step
from gonghui.unions.models import Union
from tests.factories import make_member
from tests.filings.stories import changed, submitted
from tests.members.people import values as person
from tests.people import make_cast

STEPS = 60
EXAMPLES = 30
"""Together thousands of acts."""

UNIONS = ("union", "neighbour", "far", "unfiled")
OFFICERS = {"union": "officer", "neighbour": "neighbour_officer", "far": "far_officer", "unfiled": "newcomer"}
SUPERIORS = ("street", "other_street", "company")
REVIEWERS = ("reviewer", "other_reviewer", "company_reviewer", "platform_admin")

BROKEN = {
    "a union that is approved or dissolved has one superior, of level 3": """
        SELECT u.id FROM unions_union u LEFT JOIN unions_union s ON s.id = u.superior_id
        WHERE u.kind = 'grassroots' AND u.state IN ('approved', 'dissolved')
        AND (s.kind NOT IN ('street', 'company') OR u.level3_id IS DISTINCT FROM s.id OR u.level2_id IS DISTINCT FROM s.superior_id)""",
    "the union of a member is that of the open stay, or there is neither": """
        SELECT m.id FROM members_member m
        LEFT JOIN members_membership s ON s.member_id = m.id AND s.ended_on IS NULL
        WHERE m.union_id IS DISTINCT FROM s.union_id""",
    "nobody is in two unions": """
        SELECT member_id FROM members_membership WHERE ended_on IS NULL GROUP BY member_id HAVING count(*) > 1""",
    "nobody is lost: each has one open stay": """
        SELECT m.id FROM members_member m
        WHERE NOT EXISTS (SELECT FROM members_membership WHERE member_id = m.id AND ended_on IS NULL)""",
    "the counters are true": """
        SELECT u.id FROM unions_union u WHERE u.member_count <> (SELECT count(*) FROM members_member WHERE union_id = u.id)""",
    "no member is in a union that has ended or not begun": """
        SELECT m.id FROM members_member m JOIN unions_union u ON u.id = m.union_id WHERE u.state <> 'approved'""",
    "a dissolved union has just one standing end, and only such a union": """
        SELECT u.id FROM unions_union u WHERE (u.state = 'dissolved')
        <> EXISTS (SELECT FROM filings_dissolution d WHERE d.union_id = u.id AND d.restored_at IS NULL)""",
    "one open request at most": """
        SELECT union_id FROM reviews_review WHERE state = 'pending' AND exclusive GROUP BY union_id HAVING count(*) > 1""",
    "a closed request has a decision for each approval, one for a refusal, or was withdrawn": """
        SELECT r.id FROM reviews_review r JOIN reviews_step s ON s.review_id = r.id GROUP BY r.id
        HAVING (r.state = 'approved' AND bool_or(s.decision IS DISTINCT FROM 'approved'))
        OR (r.state = 'refused' AND count(*) FILTER (WHERE s.decision = 'refused') <> 1)
        OR (r.state <> 'pending' AND bool_or(s.open))""",
    "each relocation, amendment and filing that took effect has its record": """
        SELECT r.id FROM reviews_review r WHERE r.state = 'approved' AND NOT EXISTS (
        SELECT FROM audit_entry e WHERE e.union_id = r.union_id AND e.verb = r.kind || '.approved')""",
    "each end and each restoration has its record": """
        SELECT 1 FROM filings_dissolution HAVING
        count(*) <> (SELECT count(*) FROM audit_entry WHERE verb = 'union.dissolved')
        OR count(restored_at) <> (SELECT count(*) FROM audit_entry WHERE verb = 'union.restored')""",
    "an approved union stands where its last relocation led, or where its filing did": """
        SELECT u.id FROM unions_union u JOIN LATERAL (
            SELECT (proposed->>'superior')::bigint AS superior FROM reviews_review
            WHERE union_id = u.id AND kind = 'relocation' AND state = 'approved' ORDER BY closed_at DESC LIMIT 1
        ) r ON true WHERE u.superior_id <> r.superior""",
}


class Life(RuleBasedStateMachine):
    """Four unions, their officers, three superiors and the city."""

    reviews: Bundle = Bundle("reviews")

    @initialize()
    def begin(self) -> None:
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.cast = make_cast()
        self.people = iter(range(1, 10_000))
        self.known = {
            make_member(getattr(self.cast, name)).pk for name in ("union", "neighbour", "far") for _ in range(2)
        }

    def teardown(self) -> None:
        if hasattr(self, "outer"):
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    @contextmanager
    def act(self) -> Iterator[None]:
        """One request: a refusal leaves nothing behind."""
        before = self.trace()
        try:
            with transaction.atomic():
                yield
        except Refused:
            assert self.trace() == before

    def trace(self) -> list[tuple]:
        unions = Union.objects.order_by("pk").values_list("pk", "state", "superior", "member_count", "leader")
        members = Member.objects.order_by("pk").values_list("pk", "union")
        return [*unions, *members, *Review.objects.order_by("pk").values_list("pk", "state")]

    def union(self, name: str) -> Union:
        return Union.objects.get(pk=getattr(self.cast, name).pk)

    def officer(self, name: str) -> User:
        return User.objects.get(pk=getattr(self.cast, OFFICERS[name]).pk)

    def reviewer(self, step: Step) -> User:
        return next(reviewer for who in REVIEWERS if (reviewer := getattr(self.cast, who)).union_id == step.superior_id)

    def newest(self) -> int | None:
        return Review.objects.order_by("-pk").values_list("pk", flat=True).first()

    @rule(target=reviews, superior=st.sampled_from(["street", "other_street"]))
    def file(self, superior: str) -> int | None:
        with self.act():
            submitted(self.cast, superior=getattr(self.cast, superior))
        return self.newest()

    @rule(target=reviews, name=st.sampled_from(UNIONS), leader=st.sampled_from("赵钱孙李"))
    def amend(self, name: str, leader: str) -> int | None:
        with self.act():
            submit_amendment(self.union(name), values=changed(self.cast, leader=f"{leader}示例"), by=self.officer(name))
        return self.newest()

    @rule(target=reviews, name=st.sampled_from(UNIONS), to=st.sampled_from(SUPERIORS), right=st.booleans())
    def relocate(self, name: str, to: str, right: bool) -> int | None:
        union, target = self.union(name), getattr(self.cast, to)
        same_side = union.superior is None or union.superior.kind == target.kind
        way = "within" if same_side == right else "across"
        with self.act():
            submit_relocation(union, way=way, target=target, reason="搬迁", by=self.officer(name))
        return self.newest()

    @rule(number=st.integers(0, 3), decision=st.sampled_from(["approved", "approved", "approved", "refused"]))
    def decide(self, number: int, decision: str) -> None:
        """Somebody whose turn it is decides what waits."""
        awaited = Step.objects.filter(open=True, review__state="pending").order_by("-pk")
        if number < awaited.count():
            with self.act():
                step = awaited[number]
                decide(step.review, decision=decision, opinion="意见", by=self.reviewer(step))

    @rule()
    def approve_all(self) -> None:
        """Everybody whose turn it is approves all that waits."""
        for step in Step.objects.filter(open=True, review__state="pending").order_by("-pk"):
            with self.act():
                decide(step.review, decision="approved", opinion="", by=self.reviewer(step))

    @rule(review=reviews, who=st.sampled_from(REVIEWERS), decision=st.sampled_from(["approved", "refused"]))
    def decide_whatever(self, review: int | None, who: str, decision: str) -> None:
        """Anybody decides anything, also what was decided or withdrawn long ago."""
        if review:
            with self.act():
                decide(Review.objects.get(pk=review), decision=decision, opinion="意见", by=getattr(self.cast, who))

    @rule(review=reviews, name=st.sampled_from(UNIONS))
    def withdraw(self, review: int | None, name: str) -> None:
        if review:
            with self.act():
                withdraw(Review.objects.get(pk=review), by=self.officer(name))

    @rule(name=st.sampled_from(UNIONS))
    def add(self, name: str) -> None:
        with self.act():
            self.known.add(add_member(self.union(name), person(next(self.people)), by=self.officer(name)).pk)

    @rule(name=st.sampled_from(UNIONS), seed=st.integers(1, 12))
    def add_somebody_known(self, name: str, seed: int) -> None:
        with self.act():
            self.known.add(add_member(self.union(name), person(seed), by=self.officer(name)).pk)

    @rule(
        name=st.sampled_from(UNIONS),
        way=st.sampled_from(["merged", "closed", "left_city"]),
        into=st.sampled_from(UNIONS),
    )
    def dissolve(self, name: str, way: str, into: str) -> None:
        union, heir = self.union(name), self.union(into) if way == "merged" else None
        with self.act():
            number = union.number or ""
            dissolve_union(union, way=way, into=heir, reason="注销", confirmed=number, by=self.officer(name))

    @rule(number=st.integers(0, 5))
    def restore(self, number: int) -> None:
        ends = Dissolution.objects.order_by("-pk")
        if number < ends.count():
            with self.act():
                restore_union(ends[number], reason="误操作", by=self.cast.platform_admin)

    @invariant()
    def nothing_is_broken(self) -> None:
        if not hasattr(self, "cast"):
            return
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")  # as at a commit
            cursor.execute(
                " UNION ALL ".join(
                    f"SELECT '{invariant}' WHERE EXISTS ({query})" for invariant, query in BROKEN.items()
                )
            )
            assert cursor.fetchall() == []

    @invariant()
    def nobody_is_lost(self) -> None:
        if hasattr(self, "cast"):
            assert set(Member.objects.values_list("pk", flat=True)) == self.known
            assert Membership.objects.values("member").distinct().count() == len(self.known)


@pytest.mark.django_db
def test_whatever_they_do_nobody_is_lost_and_all_is_on_record():
    suppressed = [HealthCheck.too_slow, HealthCheck.data_too_large]
    limits = settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=suppressed, database=None
    )
    run_state_machine_as_test(Life, settings=limits)
