"""Both numbers of a merged person lead to the one record, by whatever door somebody comes."""

import pytest

from gonghui.imports.actions import confirm_import, upload_workbook
from gonghui.imports.job import run_batch
from gonghui.imports.models import ImportState
from gonghui.kit.errors import Refused
from gonghui.members.fields import MemberValues
from gonghui.members.finding import find_members
from gonghui.members.models import Member, Membership
from gonghui.members.queries import Filters, listed_members
from gonghui.members.register.actions import add_member
from gonghui.members.register.forms import values_of
from gonghui.members.roster.sheet import MEMBERS
from gonghui.registers.queries import _people
from gonghui.transfers.models import Transfer
from tests.duplicates.stories import fresh, merged, paired
from tests.people import Cast
from tests.transfers.stories import left, requested
from tests.workbooks import member_row, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(cast: Cast) -> tuple[Member, Member]:
    """The main record in `cast.union`, and the other one, merged into it."""
    pair = paired(cast.union, cast.union)
    merged(pair, cast.officer)
    pair = fresh(pair)
    return pair.member, pair.other


def typed(member: Member) -> MemberValues:
    values = values_of(member)
    return MemberValues(**{name: values[name] for name in MemberValues._fields if name in values})


def test_the_other_document_is_no_new_member(cast: Cast, two):
    main, other = two
    with pytest.raises(Refused, match=main.number):
        add_member(cast.union, typed(other), by=cast.officer)
    with pytest.raises(Refused, match="已是其他工会的会员"):
        add_member(cast.neighbour, typed(other), by=cast.neighbour_officer)
    assert Member.objects.count() == 2


def test_who_left_comes_back_by_the_other_document_and_keeps_the_own_one(cast: Cast, two):
    main, other = two
    left(cast, main)
    number = main.document_number
    back = add_member(cast.neighbour, typed(other), by=cast.neighbour_officer)
    assert back.pk == main.pk
    assert Member.objects.get(pk=main.pk).document_number == number
    assert Membership.objects.filter(member=main, ended_on=None, union=cast.neighbour).exists()


def test_another_union_asks_for_the_person_by_the_other_document(cast: Cast, two):
    main, other = two
    transfer = requested(cast, other)
    assert Transfer.objects.get(pk=transfer.pk).member == main


def test_a_list_and_the_search_find_the_person_by_the_other_number(cast: Cast, two):
    main, other = two
    for number in (main.number, other.number):
        assert list(listed_members(cast.officer, Filters(number=number))) == [main]
        assert find_members(cast.officer, number, 5) == [main]
    for member in two:
        assert list(listed_members(cast.officer, Filters(document=member.document_number))) == [main]
    assert listed_members(cast.neighbour_officer, Filters(number=other.number)).count() == 0


def row_of(seed: int, member: Member, **changed) -> list[object]:
    """A workbook's row by a record's document."""
    number = member.document_number
    born, sex = f"{number[6:10]}-{number[10:12]}-{number[12:14]}", "男" if int(number[16]) % 2 else "女"
    return member_row(seed, name=member.name, document_number=number, born_on=born, sex=sex, **changed)


def test_a_workbook_with_the_other_document_is_about_the_person_and_changes_no_document(cast: Cast, two):
    main, other = two
    number, born = main.document_number, main.born_on
    batch = upload_workbook(cast.union, MEMBERS, upload([row_of(1, other, mobile="19900003333")]), by=cast.officer)
    assert batch.group_counts == {"changed": 1}
    confirm_import(batch, ["changed"], by=cast.officer)
    run_batch(batch.pk)
    main.refresh_from_db()
    assert (main.mobile, main.document_number, main.born_on) == ("19900003333", number, born)
    assert Member.objects.count() == 2


def test_both_documents_in_one_workbook_are_one_person_twice(cast: Cast, two):
    batch = upload_workbook(
        cast.union, MEMBERS, upload([row_of(seed, one) for seed, one in enumerate(two)]), by=cast.officer
    )
    assert batch.state == ImportState.INVALID
    assert {problem.wrong for problem in batch.problems} == {"与第 2 行是同一名会员", "与第 3 行是同一名会员"}


def test_the_register_of_people_in_no_union_does_not_list_it(cast: Cast, two):
    assert _people(two[1].number) == []
