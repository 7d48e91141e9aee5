"""Entries of earlier years, and what is read of the ledger."""

from uuid import uuid4

import pytest
from django.utils.timezone import localdate

from gonghui.bookings.ledger.actions import Earlier, load_entries
from gonghui.bookings.ledger.queries import entries_of, money, never_been, totals
from gonghui.bookings.models import LedgerEntry
from gonghui.kit.errors import Refused
from tests.factories import make_member
from tests.transfers.stories import agreed, requested

pytestmark = pytest.mark.django_db

YEAR = localdate().year - 1


def line(member, **values) -> Earlier:
    return Earlier(**({"member_id": member.pk, "kind": "recuperation", "title": "黄山", "year": YEAR} | values))


def test_earlier_years_are_loaded_once(cast):
    member = make_member(cast.union)
    lines = [line(member, days=5, funds={"city": 1000})]
    assert load_entries(cast.union, lines, act=uuid4(), by=cast.officer) == 1
    assert load_entries(cast.union, lines, act=uuid4(), by=cast.officer) == 0
    (entry,) = entries_of(member)
    assert (entry.days, [(fund.source, fund.amount) for fund in entry.funds.all()]) == (5, [("city", 1000)])


def test_only_of_the_own_members_and_only_what_makes_sense(cast):
    member = make_member(cast.union)
    with pytest.raises(Refused, match="不是本工会会员"):
        load_entries(cast.union, [line(make_member(cast.far))], act=uuid4(), by=cast.officer)
    with pytest.raises(Refused, match="经办人"):
        load_entries(cast.union, [line(member)], act=uuid4(), by=cast.neighbour_officer)
    for wrong in ({"year": YEAR + 2}, {"days": 0}, {"title": " "}, {"kind": "x"}, {"funds": {"city": -1}}):
        with pytest.raises(Refused):
            load_entries(cast.union, [line(member, **wrong)], act=uuid4(), by=cast.officer)
    assert not LedgerEntry.objects.exists()


def test_it_belongs_to_the_person(cast):
    member, other = make_member(cast.union), make_member(cast.union)
    load_entries(cast.union, [line(member, funds={"city": 1000})], act=uuid4(), by=cast.officer)
    assert list(never_been(cast.union, "recuperation")) == [other]
    agreed(requested(cast, member), by=cast.officer)
    assert LedgerEntry.objects.visible_to(cast.neighbour_officer).get().union == cast.union
    assert not LedgerEntry.objects.visible_to(cast.officer).exists()
    assert totals([cast.union.pk], YEAR) == [{"kind": "recuperation", "people": 1, "times": 1}]
    assert money([cast.union.pk], YEAR) == {"city": 1000}
