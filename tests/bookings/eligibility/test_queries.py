"""Who may come: each rule met and not met, many members by three statements, and how many could."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from gonghui.bookings.eligibility.queries import answers, rules_said, survey
from gonghui.bookings.models import LedgerEntry
from gonghui.kit.errors import Refused
from gonghui.members.models import Member, Membership
from tests.bookings.stories import booked, drafted, published
from tests.factories import make_member

pytestmark = pytest.mark.django_db

YEAR = localdate().year


def been(member, year: int, *, kind: str = "recuperation", **fields) -> Member:
    LedgerEntry.objects.create(member=member, kind=kind, title="往年", year=year, loaded=uuid4(), **fields)
    return member


def aged(cast, years: int, **fields) -> Member:
    return make_member(cast.union, born_on=date(localdate().year - years, 1, 1), **fields)


def joined(cast, days: int) -> Member:
    member = make_member(cast.union)
    Membership.objects.filter(member=member).update(began_on=localdate() - timedelta(days=days))
    return member


RULES = {
    "card": ({}, lambda cast: make_member(cast.union, has_card=True), lambda cast: make_member(cast.union), "否"),
    "member_months": ({"months": 6}, lambda cast: joined(cast, 190), lambda cast: joined(cast, 30), "加入"),
    "age": ({"low": 30, "high": 40}, lambda cast: aged(cast, 35), lambda cast: aged(cast, 45), "45 周岁"),
    "sex": (
        {"sexes": ["female"]},
        lambda cast: make_member(cast.union, sex="female"),
        lambda cast: make_member(cast.union),
        "男",
    ),
    "model_worker": (
        {},
        lambda cast: make_member(cast.union, honour_level="national"),
        lambda cast: make_member(cast.union, honour_level="none"),
        "无",
    ),
    "migrant_worker": (
        {},
        lambda cast: make_member(cast.union, migrant_worker="yes"),
        lambda cast: make_member(cast.union),
        "未登记",
    ),
    "new_employment": (
        {},
        lambda cast: make_member(cast.union, new_employment="courier"),
        lambda cast: make_member(cast.union, new_employment="none"),
        "不属于",
    ),
    "near_retirement": (
        {"male": 60, "female": 55, "years": 5},
        lambda cast: aged(cast, 57),
        lambda cast: been(aged(cast, 57), YEAR - 20),
        "最近一次",
    ),
    "not_within_years": (
        {"years": 2},
        lambda cast: been(make_member(cast.union), YEAR - 3),
        lambda cast: been(make_member(cast.union), YEAR - 1),
        "最近一次",
    ),
    "not_in_cycle": (
        {"first": YEAR - 2, "last": YEAR + 1},
        lambda cast: been(make_member(cast.union), YEAR - 3),
        lambda cast: been(make_member(cast.union), YEAR),
        "最近一次",
    ),
}


@pytest.mark.parametrize("kind", RULES)
def test_each_rule_is_met_or_not_with_the_value(cast, kind):
    parameters, meeting, missing, value = RULES[kind]
    programme = drafted(cast, rules=[(kind, parameters)])
    one, other = meeting(cast), missing(cast)
    found = answers(programme, [one.pk, other.pk])
    assert found[one.pk].met
    (line,) = found[other.pk].lines
    assert not line.met
    assert value in line.value
    assert line.said == rules_said(programme)[0]
    counted = survey(programme)
    assert (counted.members, counted.eligible) == (2, 1)


def test_districts_and_bureaus(cast):
    programme = drafted(cast, rules=[("level2s", {"unions": [cast.bureau.pk]})])
    here, there = make_member(cast.far), make_member(cast.union)
    found = answers(programme, [here.pk, there.pk])
    assert (found[here.pk].met, found[there.pk].met) == (True, False)
    assert found[there.pk].lines[0].value == "杨浦区总工会"
    assert rules_said(programme) == ["属于上海市机电工会"]


def test_what_no_column_holds_is_stated(cast):
    programme = drafted(cast, rules=[("front_line", {}), ("not_within_years", {"years": 2, "unless": ["blood_donor"]})])
    member = been(make_member(cast.union), YEAR)
    assert not answers(programme, [member.pk])[member.pk].met
    stated = {member.pk: ["front_line", "blood_donor"]}
    answer = answers(programme, [member.pk], stated)[member.pk]
    assert [line.value for line in answer.lines] == ["已说明", f"最近一次 {YEAR}年，已说明献血"]
    assert answer.met


def test_the_ledger_goes_along_over_all_unions(cast):
    programme = published(cast, rules=[("not_within_years", {"years": 4})])
    member = been(make_member(cast.neighbour), YEAR - 1)
    Member.objects.filter(pk=member.pk).update(union=cast.union)
    with pytest.raises(Refused, match="4 年内未参加过"):
        booked(cast.officer, programme, member)


def test_entries_of_another_kind_and_no_shows_do_not_count(cast):
    programme = drafted(cast, rules=[("not_within_years", {"years": 4})])
    other = been(make_member(cast.union), YEAR, kind="checkup")
    absent = been(make_member(cast.union), YEAR, came=False, counts=False)
    assert all(answer.met for answer in answers(programme, [other.pk, absent.pk]).values())


def test_who_is_barred_is_told_until_when(cast):
    programme = published(cast)
    until = localdate() + timedelta(days=30)
    member = been(make_member(cast.union), YEAR, came=False, counts=False, barred_until=until)
    with pytest.raises(Refused, match=f"暂停至 {until}"):
        booked(cast.officer, programme, member)
    assert survey(programme).eligible == 0


def test_rules_that_nobody_or_everybody_meets_are_named(cast):
    programme = drafted(cast, rules=[("card", {}), ("sex", {"sexes": ["male"]}), ("front_line", {})])
    make_member(cast.union)
    counted = survey(programme)
    assert (counted.by_nobody, counted.by_everybody) == (["已办会员服务卡"], ["性别：男"])
    assert counted.lines[2] == ("一线职工（由经办人说明）", None)


def test_many_members_are_asked_by_three_statements(cast):
    rules = [(kind, parameters) for kind, (parameters, *_) in RULES.items()]
    programme = drafted(cast, rules=[*rules, ("level2s", {"unions": [cast.district.pk]})])
    ids = [make_member(cast.union).pk for _ in range(30)]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(answers(programme, ids)) == 30
    assert len(asked) <= 3
    with CaptureQueriesContext(connection) as asked:
        survey(programme)
    assert len(asked) <= 3
