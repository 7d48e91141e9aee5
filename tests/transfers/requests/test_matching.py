"""Look-ups that find nobody are counted, limited and on record (SPEC 3.6)."""

import dataclasses
import time

import pytest
from django.conf import settings

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.members.models import Lookups
from gonghui.transfers.models import Tally, Transfer
from gonghui.transfers.requests.actions import request_member
from tests.factories import make_member, resident_id
from tests.transfers.stories import requested, uploaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_misses(monkeypatch):
    monkeypatch.setattr(settings, "ENVIRONMENT", dataclasses.replace(settings.ENVIRONMENT, lookup_misses=3))


def missed(cast, seed: int, by=None) -> str:
    by = by or cast.neighbour_officer
    return request_member(by.union, "无此人", resident_id(seed), by=by).tally


def test_each_look_up_is_on_record_with_its_misses(cast):
    assert missed(cast, 901) == Tally.UNMATCHED
    entry = Entry.objects.get(verb="member.looked_up")
    assert (entry.union_id, entry.actor_id, entry.data) == (
        cast.neighbour.pk,
        cast.neighbour_officer.pk,
        {"door": "转入会员", "rows": 1, "misses": 1, "today": 1},
    )
    assert resident_id(901) not in str(entry.data)


def test_after_so_many_misses_nothing_is_answered_that_day_not_even_who_matches(cast, three_misses):
    member = make_member(cast.union)
    for seed in range(3):
        assert missed(cast, seed) == Tally.UNMATCHED
    for ask in (lambda: missed(cast, 4), lambda: requested(cast, member)):
        with pytest.raises(Refused, match="已达到上限"):
            ask()
    assert not Transfer.objects.exists()
    assert Entry.objects.filter(verb="member.lookup_stopped").count() == 2
    assert missed(cast, 5, by=cast.far_officer) == Tally.UNMATCHED  # another union has its own


def test_a_workbook_past_the_limit_asks_for_nobody_and_is_counted(cast, three_misses):
    member = make_member(cast.union)
    with pytest.raises(Refused, match="没有办理任何一项"):
        uploaded(cast, member, more=[("无此人", resident_id(seed)) for seed in range(4)])
    assert Lookups.objects.get().used == 4
    assert not Transfer.objects.exists()


def test_what_matches_and_what_is_no_number_is_no_miss(cast):
    requested(cast, make_member(cast.union))
    request_member(cast.neighbour, "张示例", "没有", by=cast.neighbour_officer)
    assert not Lookups.objects.exists()
    assert Entry.objects.filter(verb="member.looked_up", data__misses=0).count() == 2


def test_the_answer_takes_as_long_for_a_stranger_as_for_another_name(cast):
    member = make_member(cast.union, name="张示例")
    times = {member.document_number: [], resident_id(990): []}
    for _ in range(15):
        for number, took in times.items():
            begun = time.perf_counter()
            assert request_member(cast.neighbour, "李示例", number, by=cast.neighbour_officer).tally == Tally.UNMATCHED
            took.append(time.perf_counter() - begun)
    known_time, stranger = (min(took) for took in times.values())
    assert 0.5 < known_time / stranger < 2


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("马建国", "\u2ee2建国"),
        ("\u2ee2建国", "马建国"),
        ("李英子", "\uf9e1英子"),
        ("买买提·艾力", "买买提•艾力"),
        ("买买提·艾力", "买买提艾力"),
        ("JOHN SMITH", "Smith, John"),
        ("JOHN SMITH", "ｊｏｈｎ  smith"),
    ],
)
def test_the_right_number_under_another_spelling_of_the_name_is_a_match(cast, stored, typed):
    member = make_member(cast.union, name=stored)
    answer = request_member(cast.neighbour, typed, member.document_number, by=cast.neighbour_officer)
    assert answer.tally == Tally.REQUESTED


def test_spellings_of_a_wrong_name_are_one_miss(cast):
    member = make_member(cast.union)
    for name in ("马建国", "\u2ee2建国", "马 建国"):
        assert (
            request_member(cast.neighbour, name, member.document_number, by=cast.neighbour_officer).tally
            == Tally.UNMATCHED
        )
    assert Lookups.objects.get().used == 1
