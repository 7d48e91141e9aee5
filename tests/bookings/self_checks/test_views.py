"""外院自检 on pages: sent in two steps, listed, decided, sent again (SPEC 6.7)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.audit.queries import looks_at
from gonghui.bookings.models import Programme, SelfCheck
from gonghui.bookings.programmes.desk import work
from gonghui.bookings.self_checks.actions import decide_self_check, withdraw_self_check
from gonghui.members.models import Member
from tests.bookings.stories import published, scanned, sent
from tests.factories import make_member
from tests.scans import png

pytestmark = pytest.mark.django_db

OWN, DESK = reverse("bookings:self_checks"), reverse("bookings:self_check_desk")


@pytest.fixture
def programme(cast) -> Programme:
    return published(
        cast, publisher=cast.district, by=cast.district_admin, kind="checkup", title="职工体检", self_check_price=300
    )


@pytest.fixture
def member(cast) -> Member:
    return make_member(cast.union, name="李体检")


@pytest.fixture
def officer(client, cast):
    client.force_login(cast.officer)
    return client


def form_of(programme: Programme, member: Member) -> str:
    return reverse("bookings:self_check_send", args=[programme.pk, member.pk])


def page_of(check: SelfCheck) -> str:
    return reverse("bookings:self_check", args=[check.pk])


def typed(**more: object) -> dict:
    said = {"hospital": "上海市示例医院", "checked_on": str(localdate()), "number": "20260001", "amount": "500.5"}
    return said | more


def test_an_officer_sends_an_invoice_in_two_steps(officer, programme, member):
    offer = officer.get(reverse("bookings:offer", args=[programme.pk])).text
    choose = reverse("bookings:self_check_choose", args=[programme.pk])
    assert choose in offer
    assert choose in officer.get(OWN).text
    assert officer.post(choose, {"member": member.number})["Location"] == form_of(programme, member)
    assert officer.post(choose, {"member": "李体检"})["Location"] == form_of(programme, member)
    page = officer.get(form_of(programme, member)).text
    assert "不收集体检结果和婚姻状况" in page
    assert "已婚" not in page
    scan = {"attachment-invoice": SimpleUploadedFile("发票.png", png())}
    answer = officer.post(form_of(programme, member), typed() | scan)
    check = SelfCheck.objects.get()
    assert answer["Location"] == page_of(check)
    page = officer.get(page_of(check)).text
    assert "发票.png" in page
    assert "300" in page
    assert "李体检" in officer.get(OWN).text
    assert "已提交外院自检" in officer.get(reverse("bookings:offer", args=[programme.pk]) + "?show=all").text


def test_who_is_not_found_or_not_one_is_said(officer, cast, programme, member):
    choose = reverse("bookings:self_check_choose", args=[programme.pk])
    make_member(cast.union, name="王同名")
    make_member(cast.union, name="王同名")
    theirs = make_member(cast.neighbour, name="赵邻家")
    for typed_in, said in (
        ("王同名", "有几名会员叫这个名字"),
        (theirs.number, "本工会没有这名会员"),
        ("赵邻家", "本工会没有这名会员"),
        ("", "请填写会员编号或姓名"),
    ):
        answer = officer.post(choose, {"member": typed_in})
        assert answer.status_code == 422
        assert said in answer.text
    assert officer.get(form_of(programme, theirs)).status_code == 404
    assert officer.post(form_of(programme, theirs), typed()).status_code == 404


def test_what_was_typed_stays_beside_what_is_wrong(officer, cast, programme, member):
    scanned(cast.officer, programme, member)
    answer = officer.post(form_of(programme, member), typed(number="1"))
    assert answer.status_code == 422
    assert "发票号码不正确" in answer.text
    assert "上海市示例医院" in answer.text
    assert "李体检发票.png" in answer.text
    answer = officer.post(form_of(programme, member), typed(amount="", checked_on="2026-02-30"))
    assert answer.status_code == 422
    assert officer.post(form_of(programme, member), typed()).status_code == 302
    assert "不能重复提交" in officer.post(form_of(programme, member), typed(number="20260002")).text


def test_the_publisher_sees_who_waits_first_and_decides(client, cast, programme, member):
    done = sent(cast.officer, programme, make_member(cast.union, name="王办结"), number="20260009")
    decide_self_check(done, accepted=True, by=cast.district_admin)
    check = sent(cast.officer, programme, member)
    assert {item.label: item.rows.count() for item in work(cast.district_admin)}["外院自检待审核"] == 1
    client.force_login(cast.district_admin)
    listed = client.get(DESK).text
    assert "李体检" in listed
    assert "王办结" not in listed
    assert "王办结" in client.get(f"{DESK}?state=accepted").text
    assert "王办结" in client.get(f"{DESK}?state=all").text
    page = client.get(page_of(check)).text
    assert "上海市示例医院" in page
    assert "李体检发票.png" in page
    assert client.post(page_of(check), {"decision": "no", "opinion": ""}).status_code == 422
    assert "李体检的外院自检已通过" in client.post(page_of(check), {"decision": "yes"}, follow=True).text
    assert "无需再操作" in client.post(page_of(check), {"decision": "no", "opinion": "再看"}).text
    assert {item.label: item.rows.count() for item in work(cast.district_admin)}["外院自检待审核"] == 0
    client.force_login(cast.officer)
    record = client.get(reverse("bookings:record", args=[member.pk])).text
    assert "外院自检" in record
    assert "市总工会 180" in record


def test_each_look_of_the_publisher_is_on_the_members_record(client, cast, programme, member):
    check = sent(cast.officer, programme, member)
    client.force_login(cast.district_admin)
    client.get(DESK)
    client.get(page_of(check))
    assert looks_at(member.number).filter(verb="selfcheck.looked_at").count() == 2
    client.force_login(cast.officer)
    client.get(page_of(check))
    assert Entry.objects.filter(verb="selfcheck.looked_at").count() == 2


def test_refused_it_is_sent_again_with_what_was_typed_and_its_invoice(officer, cast, programme, member):
    check = decide_self_check(
        sent(cast.officer, programme, member), accepted=False, opinion="金额不符", by=cast.district_admin
    )
    assert "未通过：金额不符" in officer.get(page_of(check)).text
    answer = officer.post(reverse("bookings:self_check_again", args=[check.pk]))
    page = officer.get(answer["Location"]).text
    assert "上海市示例医院" in page
    assert "20260001" in page
    assert "李体检发票.png" in page
    assert officer.post(answer["Location"], typed(amount="480")).status_code == 302
    assert SelfCheck.objects.filter(state="submitted", member=member).count() == 1


def test_taken_back_on_its_page_while_it_waits(officer, cast, programme, member):
    check = sent(cast.officer, programme, member)
    address = reverse("bookings:self_check_withdraw", args=[check.pk])
    assert "已撤回" in officer.post(address, follow=True).text
    officer.post(address, headers={"Referer": page_of(check)}, follow=True)
    assert SelfCheck.objects.get().state == "withdrawn"


def test_a_programme_that_takes_none_offers_none(officer, cast, member):
    programme = published(cast, publisher=cast.district, by=cast.district_admin, kind="checkup")
    assert "现在没有受理外院自检的体检项目" in officer.get(OWN).text
    assert "提交外院自检" not in officer.get(reverse("bookings:offer", args=[programme.pk])).text
    answer = officer.get(form_of(programme, member))
    assert answer.status_code == 409
    assert "不接受外院自检" in answer.text


def test_others_find_nothing(client, cast, programme, member):
    check = sent(cast.officer, programme, member)
    for user, status in (
        (cast.neighbour_officer, 404),
        (cast.reviewer, 404),
        (cast.platform_admin, 404),
        (cast.bureau_admin, 404),
    ):
        client.force_login(user)
        assert client.get(page_of(check)).status_code == status
    client.force_login(cast.bureau_admin)
    assert "李体检" not in client.get(f"{DESK}?state=all").text


def test_the_lists_ask_no_more_for_many_than_for_few(client, cast, programme):
    def asked(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    def send(number: int) -> None:
        sent(cast.officer, programme, make_member(cast.union), number=f"2026000{number}")

    send(0)
    few = {}
    for user, address in ((cast.officer, OWN), (cast.district_admin, DESK)):
        client.force_login(user)
        few[address] = asked(address)
    for number in range(1, 5):
        send(number)
    withdraw_self_check(SelfCheck.objects.order_by("pk")[0], by=cast.officer)
    for user, address in ((cast.officer, OWN), (cast.district_admin, DESK)):
        client.force_login(user)
        assert asked(address) == few[address]
