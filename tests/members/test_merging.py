"""Two records of one person become one, and two again: the chain of memberships, values, and where both numbers lead."""

import itertools
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from gonghui.kit.sealing import opened
from gonghui.members.finding import find_members
from gonghui.members.lookups import Door, ask_one
from gonghui.members.memberships import move, recount, wrong_counts
from gonghui.members.merging import Merged, Stay, has_moved, merge_members, part_members, spliced
from gonghui.members.models import Alias, Member, Membership
from gonghui.members.validation import document_key
from tests.factories import change_member, make_member
from tests.people import Cast

pytestmark = pytest.mark.django_db
A, B = 1, 2


def stay(union: int | None, began: int, ended: int | None = None, by: str = "added", left: str = "transferred") -> Stay:
    """Years for days."""
    day = date(began, 1, 1)
    return Stay(union, day, date(ended, 1, 1) if ended else None, by, left if ended else None)


def lives(chain: list[Stay]) -> list[tuple[int | None, int, int | None]]:
    return [(one.union, one.began_on.year, one.ended_on.year if one.ended_on else None) for one in chain]


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        # one behind the other, with a time in no union between
        ([stay(B, 2022)], [stay(A, 2015, 2020), stay(None, 2020)], [(A, 2015, 2020), (None, 2020, 2022), (B, 2022, None)]),
        # both at once: the first tells
        ([stay(A, 2020)], [stay(B, 2015)], [(B, 2015, 2020), (A, 2020, None)]),
        ([stay(A, 2015)], [stay(B, 2020)], [(A, 2015, None)]),
        # the second goes on where the first has none
        ([stay(A, 2010, 2012), stay(None, 2012)], [stay(B, 2008, 2020), stay(None, 2020)],
         [(B, 2008, 2010), (A, 2010, 2012), (B, 2012, 2020), (None, 2020, None)]),
        # in one union twice: one stay
        ([stay(A, 2020)], [stay(A, 2015)], [(A, 2015, None)]),
        ([stay(A, 2015)], [stay(A, 2020)], [(A, 2015, None)]),
        # loaded into the register first
        ([stay(None, 2000, 2010), stay(A, 2010)], [stay(B, 2012)], [(None, 2000, 2010), (A, 2010, None)]),
        ([stay(None, 2000)], [stay(None, 2005)], [(None, 2000, None)]),
    ],
)  # fmt: skip
def test_two_chains_are_one_in_which_each_day_is_in_one_union(first, second, whole):
    chain = spliced(first, second)
    assert lives(chain) == whole
    for before, after in itertools.pairwise(chain):
        assert before.ended_on == after.began_on
        assert before.ended_by is not None


def two(cast: Cast, **fields) -> tuple[Member, Member]:
    main, other = make_member(cast.union, name="李重复"), make_member(cast.neighbour, name="李重复", **fields)
    for member, began in ((main, date(2015, 1, 1)), (other, date(2020, 1, 1))):
        Membership.objects.filter(member=member).update(began_on=began)
    return main, other


def done(main: Member, other: Member, *, kept: Member, values: Member) -> Merged:
    with transaction.atomic():
        merged = merge_members(main, other, kept=kept, values=values)
        connection.check_constraints()
    main.refresh_from_db()
    other.refresh_from_db()
    return merged


def picture(*members: Member) -> list[object]:
    """Everything of the members and their memberships."""
    pks = [member.pk for member in members]
    rows = Member.objects.filter(pk__in=pks).order_by("pk").values()
    chains = Membership.objects.filter(member__in=pks).order_by("pk").values()
    return [
        *(
            {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
            for row in rows
        ),
        *chains,
    ]


def test_the_older_number_stays_and_the_other_record_leads_to_it(cast: Cast):
    main, other = two(cast)
    done(main, other, kept=main, values=main)
    assert Alias.objects.get().main == main
    assert (main.union, other.union) == (cast.union, None)
    assert not other.memberships.exists()
    assert find_members(cast.platform_admin, other.number, 5) == [main]
    assert find_members(cast.platform_admin, other.document_number, 5) == [main]
    known = ask_one(cast.union, bytes(other.document_hash), "李重复", by=cast.officer, door=Door.ADD)
    assert known
    assert known.id == main.pk
    assert not wrong_counts()


def test_the_union_and_the_values_are_those_that_were_chosen(cast: Cast):
    main, other = two(cast)
    change_member(other, mobile="19900009999", address="")
    other.refresh_from_db()
    numbers = main.document_number, other.document_number
    done(main, other, kept=other, values=other)
    assert main.union == cast.neighbour
    assert (main.mobile, main.address) == ("19900009999", "杨浦区示例路1号")  # an empty value takes nothing away
    assert (main.document_number, other.document_number) == (numbers[1], numbers[0])
    assert bytes(main.document_hash) == document_key("resident_id", numbers[1])
    assert bytes(other.document_hash) == document_key("resident_id", numbers[0])
    assert [one.union_id for one in main.memberships.order_by("pk")] == [cast.union.pk, cast.neighbour.pk]
    assert not wrong_counts()


@pytest.mark.parametrize("kept", [0, 1])
@pytest.mark.parametrize("values", [0, 1])
def test_undone_to_the_letter(cast: Cast, kept: int, values: int):
    main, other = two(cast)
    change_member(other, mobile="19900009999")
    Member.objects.filter(pk=other.pk).update(staff_number="T-7", position="chair")
    other.refresh_from_db()
    before = picture(main, other)
    merged = done(main, other, kept=(main, other)[kept], values=(main, other)[values])
    assert picture(main, other) != before
    with transaction.atomic():
        part_members(main, other, merged)
        connection.check_constraints()
    assert picture(main, other) == before
    assert not Alias.objects.exists()
    assert not wrong_counts()


def test_what_was_edited_since_stays_when_a_merge_is_undone(cast: Cast):
    main, other = two(cast)
    change_member(other, mobile="19900009999")
    other.refresh_from_db()
    merged = done(main, other, kept=main, values=other)
    change_member(main, mobile="19900007777")
    main.refresh_from_db()
    part_members(main, other, merged)
    main.refresh_from_db()
    assert main.mobile == "19900007777"
    assert opened(Member.objects.get(pk=other.pk), "mobile_sealed") == "19900009999"


def test_a_staff_number_that_somebody_else_has_by_now_stays_empty(cast: Cast):
    main, other = two(cast)
    Member.objects.filter(pk=other.pk).update(staff_number="T-7")
    other.refresh_from_db()
    merged = done(main, other, kept=main, values=main)
    make_member(cast.neighbour, staff_number="T-7")
    part_members(main, other, merged)
    assert Member.objects.get(pk=other.pk).staff_number == ""


def test_whoever_has_moved_since_cannot_be_parted(cast: Cast):
    main, other = two(cast)
    merged = done(main, other, kept=main, values=main)
    assert not has_moved(main, merged)
    move([main.pk], to=None, reason=Membership.Reason.RESIGNED)
    assert has_moved(main, merged)


def test_an_alias_joins_no_union_whoever_writes_it(cast: Cast):
    main, other = two(cast)
    done(main, other, kept=main, values=main)
    with pytest.raises(IntegrityError, match="was merged into another"), transaction.atomic():
        move([other.pk], to=cast.union, reason=Membership.Reason.ADDED)


def test_an_alias_of_a_record_that_is_merged_again_leads_to_the_last_one(cast: Cast):
    main, other = two(cast)
    third = make_member(cast.union, name="李重复")
    done(other, third, kept=other, values=other)
    done(main, other, kept=main, values=main)
    assert set(Alias.objects.values_list("member", "main")) == {(third.pk, main.pk), (other.pk, main.pk)}


def test_counters_are_right_for_a_retained_one(cast: Cast):
    main, other = two(cast)
    retained = {"standing": "retained", "retained_for": "military", "standing_on": date(2024, 1, 1)}
    Member.objects.filter(pk=other.pk).update(**retained)
    other.refresh_from_db()
    recount(cast.neighbour.pk)
    merged = done(main, other, kept=other, values=main)
    assert (main.standing, main.retained_for) == ("retained", "military")
    assert not wrong_counts()
    part_members(main, other, merged)
    assert not wrong_counts()
