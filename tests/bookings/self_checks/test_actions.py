"""A member who was checked at another hospital: the officer sends the invoice, the publisher decides (SPEC 6.7)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.bookings.eligibility.queries import answers
from gonghui.bookings.ledger.actions import shared_out
from gonghui.bookings.models import LedgerEntry, Programme, SelfCheck
from gonghui.bookings.places.actions import withdraw_places
from gonghui.bookings.programmes.actions import cancel_programme, set_funds
from gonghui.bookings.self_checks.actions import decide_self_check, send_self_check, withdraw_self_check
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from tests.bookings.stories import begun, booked, drafted, ids, invoice, published, scanned, sent
from tests.factories import live, make_member
from tests.people import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(cast) -> Programme:
    """The district's, which pays 300 yuan back."""
    return of_district(cast)


def of_district(cast: Cast, **values) -> Programme:
    values = {"kind": "checkup", "title": "职工体检", "self_check_price": 300} | values
    return published(cast, publisher=cast.district, by=cast.district_admin, **values)


def test_the_invoice_waits_for_the_publisher_who_is_told(cast, programme):
    member = make_member(cast.union)
    check = sent(cast.officer, programme, member, number=" 2026 00ab ", hospital=" 上海市示例医院 ")
    assert (check.state, check.union, check.hospital) == ("submitted", cast.union, "上海市示例医院")
    assert (check.invoice_number, check.amount, check.paid) == ("202600AB", Decimal("500.50"), 300)
    assert check.invoice.submitted_at
    notice = Notice.objects.get(user=cast.district_admin)
    assert notice.title == "外院自检待审核：职工体检"
    assert Entry.objects.get(verb="selfcheck.sent").data == {"amount": "500.50", "paid": "300.00"}


def test_what_costs_less_than_the_price_is_paid_back_whole(cast, programme):
    assert sent(cast.officer, programme, make_member(cast.union), amount=Decimal("99.50")).paid == Decimal("99.50")


def test_accepted_it_counts_in_the_ledger_with_the_money_by_source(cast):
    programme = of_district(cast, rules=[("not_within_years", {"years": 2})])
    member = make_member(cast.union)
    check = decide_self_check(sent(cast.officer, programme, member), accepted=True, by=cast.district_admin)
    entry = LedgerEntry.objects.get()
    assert (entry.self_check, entry.member, entry.union, entry.kind) == (check, member, cast.union, "checkup")
    assert (entry.began_on, entry.year, entry.came, entry.counts) == (localdate(), localdate().year, True, True)
    assert dict(entry.funds.values_list("source", "amount")) == {
        "city": Decimal(180),
        "union": Decimal(120),
        "self": Decimal("200.50"),
    }
    assert not answers(programme, [member.pk])[member.pk].met
    notice = Notice.objects.get(user=cast.officer)
    assert notice.title == "王小明的外院自检已通过"
    assert "可报销 300 元" in notice.body
    assert not Notice.objects.filter(user=cast.district_admin, read_at=None).exists()


def test_refused_with_a_reason_it_may_be_sent_again(cast, programme):
    member = make_member(cast.union)
    check = sent(cast.officer, programme, member)
    with pytest.raises(Refused, match="请填写审核意见"):
        decide_self_check(check, accepted=False, opinion=" ", by=cast.district_admin)
    refused = decide_self_check(check, accepted=False, opinion="发票不清楚", by=cast.district_admin)
    assert (refused.state, refused.opinion) == ("refused", "发票不清楚")
    assert Notice.objects.get(user=cast.officer).title == "王小明的外院自检未通过"
    assert "发票不清楚" in Notice.objects.get(user=cast.officer).body
    assert not LedgerEntry.objects.exists()
    assert sent(cast.officer, programme, member).state == "submitted"


def test_it_is_decided_once(cast, programme):
    check = sent(cast.officer, programme, make_member(cast.union))
    decide_self_check(check, accepted=True, by=cast.district_admin)
    with pytest.raises(Refused, match="已通过"):
        decide_self_check(check, accepted=False, opinion="再看", by=cast.district_admin)
    with pytest.raises(Refused, match="无需再操作"):
        withdraw_self_check(check, by=cast.officer)
    assert LedgerEntry.objects.count() == 1


def test_taken_back_while_it_waits_nobody_decides_it(cast, programme):
    check = sent(cast.officer, programme, make_member(cast.union))
    assert withdraw_self_check(check, by=cast.officer).state == "withdrawn"
    assert not Notice.objects.filter(user=cast.district_admin, read_at=None).exists()
    with pytest.raises(Refused, match="已撤回"):
        decide_self_check(check, accepted=True, by=cast.district_admin)


def test_only_the_union_sends_and_takes_back_and_only_the_publisher_decides(cast, programme):
    check = sent(cast.officer, programme, make_member(cast.union))
    for by in (cast.reviewer, cast.platform_admin, cast.officer, cast.bureau_admin):
        with pytest.raises(Refused, match="管理员"):
            decide_self_check(check, accepted=True, by=by)
    for by in (cast.neighbour_officer, cast.district_admin):
        with pytest.raises(Refused, match="经办人"):
            withdraw_self_check(check, by=by)
    for by in (cast.district_admin, cast.claimant):
        with pytest.raises(Refused, match="经办人"):
            send_self_check(programme, check.member_id, invoice("20269999"), by=by)
    with pytest.raises(Refused, match="不是本工会会员"):
        send_self_check(programme, check.member_id, invoice("20269999"), by=cast.neighbour_officer)
    with pytest.raises(Refused, match="不面向本工会"):
        send_self_check(programme, make_member(cast.far).pk, invoice("20269999"), by=cast.far_officer)


def test_the_same_invoice_twice_is_refused_whoever_sends_it(cast, programme):
    check = sent(cast.officer, programme, make_member(cast.union), number="2026-0001a")
    with pytest.raises(Refused, match="这张发票已经提交过"):
        sent(cast.neighbour_officer, programme, make_member(cast.neighbour), number="２０２６-0001A")
    assert sent(cast.officer, programme, make_member(cast.union), hospital="上海市另一医院").pk
    withdraw_self_check(check, by=cast.officer)
    assert sent(cast.neighbour_officer, programme, make_member(cast.neighbour), number="2026-0001A").pk


def test_nobody_is_in_a_programme_by_a_place_and_by_an_invoice(cast, programme):
    member = make_member(cast.union)
    booking = booked(cast.officer, programme, member)
    with pytest.raises(Refused, match="已在这个项目中预约"):
        sent(cast.officer, programme, member)
    withdraw_places(ids(booking), by=cast.officer)
    sent(cast.officer, programme, member)
    with pytest.raises(Refused, match="提交过这个项目的外院自检"):
        sent(cast.officer, programme, member, number="20260002")
    with pytest.raises(Refused, match="已提交这个项目的外院自检"):
        booked(cast.officer, programme, member)


def test_the_rules_of_the_programme_are_asked(cast):
    programme = of_district(cast, rules=[("front_line", {}), ("age", {"low": 16, "high": 60})])
    member = make_member(cast.union)
    with pytest.raises(Refused, match="一线职工"):
        sent(cast.officer, programme, member)
    assert sent(cast.officer, programme, member, stated=["front_line"]).stated_labels == ["一线职工"]
    old = make_member(cast.union, born_on=date(1940, 1, 1))
    with pytest.raises(Refused, match="年龄"):
        sent(cast.officer, programme, old, number="20260002", stated=["front_line"])


def test_without_its_scan_it_is_not_sent(cast, programme):
    with pytest.raises(Refused, match="还没有上传发票"):
        send_self_check(programme, make_member(cast.union).pk, invoice(), by=cast.officer)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"hospital": "院"}, "hospital"),
        ({"number": "123"}, "number"),
        ({"number": "20260001<b>"}, "number"),
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal("100000.01")}, "amount"),
        ({"checked_on": localdate() + timedelta(days=1)}, "checked_on"),
        ({"checked_on": date(localdate().year - 1, 12, 31)}, "checked_on"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(cast, programme, said, field):
    with pytest.raises(Refused) as refusal:
        sent(cast.officer, programme, make_member(cast.union), **said)
    assert refusal.value.field == field
    assert not SelfCheck.objects.exists()


def test_only_a_check_up_with_a_price_takes_invoices_from_its_opening_on(cast):
    member = make_member(cast.union)
    for values in ({"self_check_price": None}, {"kind": "screening"}, {"kind": "recuperation"}):
        with pytest.raises(Refused, match="不接受外院自检"):
            send_self_check(of_district(cast, **values), member.pk, invoice(), by=cast.officer)
    early = drafted(cast, publisher=cast.district, by=cast.district_admin, kind="checkup", self_check_price=300)
    with pytest.raises(Refused, match="不面向本工会"):
        send_self_check(early, member.pk, invoice(), by=cast.officer)
    soon = of_district(cast)
    Programme.objects.filter(pk=soon.pk).update(opens_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(Refused, match="到时才能提交"):
        send_self_check(soon, member.pk, invoice(), by=cast.officer)


def test_it_is_taken_until_sixty_days_after_the_end(cast, programme):
    begun(programme)
    scanned(cast.officer, programme, one := make_member(cast.union))
    Programme.objects.filter(pk=programme.pk).update(ends_on=localdate() - timedelta(days=60))
    check = send_self_check(live(programme), one.pk, invoice(), by=cast.officer)
    Programme.objects.filter(pk=programme.pk).update(ends_on=localdate() - timedelta(days=61))
    with pytest.raises(Refused, match="截止，不再接受"):
        send_self_check(live(programme), make_member(cast.union).pk, invoice("20260002"), by=cast.officer)
    assert decide_self_check(check, accepted=True, by=cast.district_admin).state == "accepted"


def test_of_a_cancelled_programme_none_is_taken_but_what_waits_is_decided(cast, programme):
    check = sent(cast.officer, programme, make_member(cast.union))
    cancel_programme(programme, reason="停业", by=cast.district_admin)
    with pytest.raises(Refused, match="已经取消"):
        send_self_check(programme, make_member(cast.union).pk, invoice("20260002"), by=cast.officer)
    assert decide_self_check(check, accepted=True, by=cast.district_admin).state == "accepted"


def test_the_sources_share_what_is_paid_back_to_the_cent(cast, programme):
    funds = {"city": Decimal(1), "union": Decimal(1), "employer": Decimal(1), "self": Decimal(50)}
    assert shared_out(Decimal(100), funds, "city") == {
        "city": Decimal("33.33"),
        "union": Decimal("33.33"),
        "employer": Decimal("33.34"),
    }
    assert shared_out(Decimal(100), {"self": Decimal(5)}, "level2") == {"level2": Decimal(100)}
    set_funds(programme, {}, by=cast.district_admin)
    check = sent(cast.officer, programme, make_member(cast.union), amount=Decimal(200))
    decide_self_check(check, accepted=True, by=cast.district_admin)
    assert dict(LedgerEntry.objects.get().funds.values_list("source", "amount")) == {"level2": Decimal(200)}


@pytest.mark.server
@pytest.mark.parametrize(
    "values",
    [
        {"hospital": ""},
        {"invoice_number": ""},
        {"paid": 600},
        {"state": "refused", "decided_at": "2026-11-01T00:00Z"},
        {"state": "accepted"},
        {"decided_at": "2026-11-01T00:00Z"},
    ],
)
def test_the_database_holds_it_too(cast, programme, values):
    check = sent(cast.officer, programme, make_member(cast.union))
    with pytest.raises(IntegrityError), transaction.atomic():
        SelfCheck.objects.filter(pk=check.pk).update(**values)


@pytest.mark.server
def test_the_database_lets_an_invoice_be_used_once(cast, programme):
    sent(cast.officer, programme, make_member(cast.union))
    other = sent(cast.officer, programme, make_member(cast.union), number="20260002")
    with pytest.raises(IntegrityError), transaction.atomic():
        SelfCheck.objects.filter(pk=other.pk).update(invoice_number="20260001")
