"""A member's memberships are one chain without gaps or overlaps; the database refuses any other (SPEC 3.2)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from gonghui.members.memberships import move, restore_members
from gonghui.members.models import Membership
from gonghui.unions.models import Union
from tests.factories import make_member

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def write(**stay) -> None:
    """Writes without our code, up to the checks of a commit."""
    with transaction.atomic():
        Membership.objects.create(began_by="added", **stay)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(**stay) -> None:
    with pytest.raises(IntegrityError):
        write(**stay)


def counted(union: Union) -> int:
    return Union.objects.get(pk=union.pk).member_count


def test_a_move_ends_one_stay_and_begins_the_next(cast):
    member = make_member(cast.union)
    move([member.pk], to=cast.neighbour, reason="transferred")
    first, second = member.memberships.order_by("pk")
    assert (first.ended_on, first.ended_by) == (second.began_on, second.began_by) == (localdate(), "transferred")
    assert (second.previous, second.union, second.ended_on) == (first, cast.neighbour, None)
    member.refresh_from_db()
    assert (member.union, member.status, member.unit_code) == (cast.neighbour, "normal", cast.neighbour.employer.code)
    assert (counted(cast.union), counted(cast.neighbour)) == (0, 1)


def test_who_leaves_for_no_union_keeps_the_code_and_stays_in_the_register(cast):
    member = make_member(cast.union, unit_code=cast.union.employer.code)
    move([member.pk], to=None, reason="resigned")
    member.refresh_from_db()
    assert (member.union, member.status, member.unit_code) == (None, "unattached", cast.union.employer.code)
    assert member.memberships.get(ended_on=None).union is None
    assert counted(cast.union) == 0


def test_many_from_several_unions_are_counted_for_each(cast):
    ids = [make_member(union).pk for union in (cast.union, cast.union, cast.neighbour)]
    move(ids, to=cast.far, reason="transferred")
    assert [counted(union) for union in (cast.union, cast.neighbour, cast.far)] == [0, 0, 3]


def test_nobody_moves_by_an_empty_list(cast, django_assert_num_queries):
    with django_assert_num_queries(0):
        move([], to=cast.union, reason="transferred")


def test_many_move_with_as_many_queries_as_one(cast):
    members = [make_member(cast.union).pk for _ in range(20)]
    assert cast.neighbour.employer.code  # fetched once
    counts = []
    for ids in (members[:1], members[1:]):
        with CaptureQueriesContext(connection) as queries:
            move(ids, to=cast.neighbour, reason="transferred")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13


def test_what_an_act_moved_comes_back_unless_it_has_moved_again(cast):
    act, (restored, moved_again) = uuid4(), (make_member(cast.union), make_member(cast.union))
    move([restored.pk, moved_again.pk], to=None, reason="resigned", act=act)
    move([moved_again.pk], to=cast.far, reason="added")
    assert restore_members(cast.union, undone=act, act=uuid4(), reason="undone") == [restored.pk]
    restored.refresh_from_db()
    moved_again.refresh_from_db()
    assert (restored.union, moved_again.union) == (cast.union, cast.far)


def test_the_database_refuses_a_gap(cast):
    member = make_member(cast.union)
    stay = member.memberships.get()
    Membership.objects.filter(pk=stay.pk).update(
        began_on=localdate() - timedelta(days=1), ended_on=localdate() - timedelta(days=1), ended_by="left"
    )
    refused(member=member, previous=stay, union=cast.neighbour, began_on=localdate())


def test_the_database_refuses_an_overlap(cast):
    member = make_member(cast.union)
    refused(member=member, previous=member.memberships.get(), union=cast.neighbour)


def test_the_database_refuses_a_second_beginning(cast):
    member = make_member(cast.union)
    refused(member=member, union=cast.neighbour)


def test_the_database_refuses_two_stays_after_one(cast):
    member = make_member(cast.union)
    move([member.pk], to=cast.neighbour, reason="transferred")
    first = member.memberships.order_by("pk").first()
    refused(member=member, previous=first, union=cast.far)


def test_the_database_refuses_to_succeed_another_persons_stay(cast):
    member, other = make_member(cast.union), make_member(cast.union)
    move([other.pk], to=cast.neighbour, reason="transferred")
    first = other.memberships.order_by("pk").first()
    refused(member=member, previous=first, union=cast.far, began_on=first.ended_on)
