"""How look-alikes are found: by keys and indexes, in a job, each pair once."""

from datetime import date

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gonghui.duplicates import finding
from gonghui.duplicates.actions import dismiss
from gonghui.duplicates.finding import follow, look_at, refresh_owners
from gonghui.duplicates.models import Pair, Progress, Reason
from gonghui.duplicates.queries import version_of
from gonghui.duplicates.states import PairState
from gonghui.members.encryption import to_columns
from gonghui.members.identity import _correct
from gonghui.members.models import Duplicate, Member
from gonghui.members.roster.undo import _others
from gonghui.unions.models import Union
from tests.duplicates.stories import BORN, alike, found, paired
from tests.factories import change_member, make_member
from tests.people import Cast

pytestmark = pytest.mark.django_db


def pairs() -> set[tuple[int, int, str]]:
    return set(Pair.objects.filter(state=PairState.PENDING).values_list("member", "other", "reason"))


def test_one_name_birth_date_and_mobile_with_other_documents_are_a_pair(cast: Cast):
    first, second = alike(cast.union, cast.neighbour)
    make_member(cast.union, name="李重复", mobile="19900005679", born_on=BORN)  # another mobile
    make_member(cast.union, name="李重覆", mobile="19900005678", born_on=date(1985, 6, 8))  # another name and day
    look_at(list(Member.objects.values_list("pk", flat=True)))
    assert (first.pk, second.pk, Reason.SAME) in pairs()
    assert Pair.objects.get(reason=Reason.SAME).owner == cast.district


def test_a_name_in_another_spelling_is_the_same(cast: Cast):
    first = make_member(cast.union, name="LI Wei", mobile="19900005678", born_on=BORN)
    second = make_member(cast.union, name="li wei", mobile="19900005678", born_on=BORN)
    look_at([second.pk, first.pk])
    assert pairs() == {(first.pk, second.pk, Reason.SAME)}


def test_a_passport_and_then_a_permanent_residence_permit_are_a_pair_without_the_mobile(cast: Cast):
    first, second = alike(cast.union, cast.union, name="Anna Beispiel", mobile="")
    third = make_member(cast.union, name="Anna Beispiel", mobile="", born_on=BORN)  # a resident ID proves a Chinese
    Member.objects.filter(pk=first.pk).update(document_type="passport")
    Member.objects.filter(pk=second.pk).update(document_type="foreign_permanent")
    look_at([first.pk, second.pk, third.pk])
    assert pairs() == {(first.pk, second.pk, Reason.PAPERS)}


def test_two_passports_are_no_pair_by_name_and_birth_date_alone(cast: Cast):
    members = alike(cast.union, cast.union, name="Anna Beispiel", mobile="")
    Member.objects.update(document_type="passport")
    look_at([member.pk for member in members])
    assert not pairs()


def test_one_mobile_of_three_people_is_looked_at_and_of_two_is_not(cast: Cast):
    people = [make_member(cast.union, name=name, mobile="19900005678") for name in ("甲一", "乙二")]
    look_at([member.pk for member in people])
    assert not pairs()
    people.append(make_member(cast.neighbour, name="丙三", mobile="19900005678"))
    look_at([people[2].pk])
    assert pairs() == {(people[0].pk, other.pk, Reason.PHONE) for other in people[1:]}


def test_records_that_a_number_proves_to_be_one_are_a_pair(cast: Cast):
    first, second = (make_member(cast.union, name=name, mobile="") for name in ("甲一", "甲壹"))
    Duplicate.objects.create(member=second, other=first)
    look_at([first.pk])
    assert pairs() == {(first.pk, second.pk, Reason.PROVEN)}


def test_a_mobile_of_hundreds_gives_few_pairs(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(finding, "ALIKE", 5)
    people = [make_member(cast.union, name=f"职工{n}", mobile="19900005678") for n in range(12)]
    look_at([member.pk for member in people])
    assert Pair.objects.count() == 4


def test_a_pair_is_stored_once_and_a_judged_one_does_not_come_back(cast: Cast):
    pair = paired(cast.union, cast.union)
    dismiss(pair, note="双胞胎", version=version_of(pair), by=cast.officer)
    for _ in range(2):
        look_at([pair.member_id, pair.other_id])
    assert list(Pair.objects.values_list("state", flat=True)) == [PairState.DIFFERENT]


def test_who_is_alike_no_more_leaves_the_queue_and_comes_back_when_alike_again(cast: Cast):
    pair = paired(cast.union, cast.union)
    change_member(pair.other, mobile="19900001111")
    look_at([pair.other_id])
    assert found(pair.member).state == PairState.LAPSED
    change_member(pair.other, mobile="19900005678")
    look_at([pair.other_id])
    assert found(pair.member).state == PairState.PENDING


@pytest.mark.parametrize(
    ("second", "owner"),
    [("union", "union"), ("neighbour", "district"), ("far", "city"), (None, "city")],
)
def test_a_pair_belongs_to_the_lowest_union_that_sees_both(cast: Cast, second: str | None, owner: str):
    pair = paired(cast.union, getattr(cast, second) if second else None)
    assert pair.owner == getattr(cast, owner)


def test_the_owner_follows_the_tree(cast: Cast):
    pair = paired(cast.union, cast.neighbour)
    Union.objects.filter(pk=cast.neighbour.pk).update(superior=cast.street, level3=cast.street)
    assert refresh_owners() == 1
    assert found(pair.member).owner == cast.street


def test_a_batch_costs_as_much_with_many_members_as_with_few(cast: Cast):
    few = [make_member(cast.union, name=f"少{n}", mobile=f"1990000{n:04}") for n in range(2)]
    many = [make_member(cast.union, name=f"多{n}", mobile=f"1991000{n:04}") for n in range(30)]
    counts = []
    for members in (few, many):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            look_at([member.pk for member in members])
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_imported_member_may_be_undone_although_the_job_has_looked_at_it():
    assert {relation.related_model.__name__ for relation in _others()} >= {"Alias"}
    assert not {relation.related_model.__name__ for relation in _others()} & {"Trace", "Pair"}


def test_two_documents_that_were_merged_are_no_pair_again(cast: Cast):
    from tests.duplicates.stories import merged

    pair = paired(cast.union, cast.union)
    Member.objects.filter(pk=pair.other_id).update(document_type="passport")
    merged(found(pair.member), cast.officer)
    _correct(pair.other_id)
    assert not Duplicate.objects.exists()


def everybody_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes to another database of the server is no business of these tests."""
    monkeypatch.setattr(finding, "oldest_transaction", lambda: 2**62)


class TestProgress:
    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.mark.server
    def test_the_job_reads_who_is_new_and_then_who_has_changed(self, cast: Cast, monkeypatch: pytest.MonkeyPatch):
        everybody_has_ended(monkeypatch)
        first, second = alike(cast.union, cast.union)
        assert follow() == 0  # the first run only marks how far the next one may read
        assert follow() == 2
        assert pairs() == {(first.pk, second.pk, Reason.SAME)}
        Member.objects.filter(pk=second.pk).update(**to_columns({"name": "李不重"}, second.seal_id))
        assert follow() == 0
        assert follow() == 1
        assert not pairs()

    @pytest.mark.server
    def test_the_job_waits_for_who_has_drawn_a_number_and_not_committed(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ):
        alike(cast.union)
        with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
            other.execute("SELECT pg_current_xact_id()")
            follow()
            assert follow() == 0
        everybody_has_ended(monkeypatch)
        assert follow() == 1

    @pytest.mark.server
    def test_the_job_waits_for_who_began_while_it_ran(self, cast: Cast, monkeypatch: pytest.MonkeyPatch):
        """Somebody draws a number after the job's first write and before it has read how far the numbers go."""
        alike(cast.union)
        with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
            alone = finding._alone

            def interrupted() -> Progress | None:
                progress = alone()
                other.execute("SELECT pg_current_xact_id()")
                return progress

            monkeypatch.setattr(finding, "_alone", interrupted)
            follow()
            monkeypatch.setattr(finding, "_alone", alone)
            assert follow() == 0
        everybody_has_ended(monkeypatch)
        assert follow() == 1

    def test_a_run_reads_so_many_batches_and_the_next_one_goes_on(self, cast: Cast, monkeypatch: pytest.MonkeyPatch):
        everybody_has_ended(monkeypatch)
        monkeypatch.setattr(finding, "BATCH", 2)
        alike(*[cast.union] * 5)
        follow()
        assert [follow(1), follow(1), follow(1)] == [2, 2, 1]
        assert Progress.objects.get().members_read == Member.objects.latest("pk").pk
