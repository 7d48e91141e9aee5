"""「按文件选人」: a workbook ticks the people; what it cannot tick is said with row, reason and remedy (SPEC 6.4)."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gonghui.bookings.models import Booking, Programme
from gonghui.bookings.places import workbook
from gonghui.bookings.places.actions import withdraw_places
from gonghui.bookings.programmes.actions import cancel_programme
from gonghui.members.models import Member
from tests.bookings.places.test_views import typed
from tests.bookings.stories import booked, ids, published, states
from tests.factories import make_member
from tests.people import Cast
from tests.workbooks import saved, upload
from tests.workbooks import workbook as open_workbook

pytestmark = pytest.mark.django_db
HEADINGS = [column.heading for column in workbook.COLUMNS]
NUMBER_AND_NAME = ["会员编号", "姓名"]


@pytest.fixture
def officer(client, cast: Cast):
    client.force_login(cast.officer)
    return client


def at(programme: Programme) -> str:
    return reverse("bookings:workbook", args=[programme.pk])


def send(client, programme: Programme, rows, *, headings=HEADINGS):
    return client.post(at(programme), {"file": upload(rows, headings=headings)})


def row(member: Member, **changed: str) -> list[str]:
    cells = {"name": member.name, "number": member.number} | changed
    return [cells.get(column.key, "") for column in workbook.COLUMNS]


def chosen(page) -> list[int]:
    return [int(pk) for pk in re.findall(r'name="person" value="(\d+)"', page.text)]


def problems(page) -> list[tuple[int, str]]:
    return [(problem.row, problem.wrong) for problem in page.context["problems"]]


def test_whom_a_workbook_names_stand_on_the_booking_page_and_nothing_is_booked_yet(officer, cast):
    programme, members = published(cast), [make_member(cast.union) for _ in range(2)]
    page = send(officer, programme, [row(one) for one in members])
    assert page.status_code == 200
    assert chosen(page) == [one.pk for one in members]
    assert problems(page) == []
    assert not Booking.objects.exists()
    officer.post(reverse("bookings:book", args=[programme.pk]), typed(programme, *members))
    assert states(Booking.objects.get()) == ["booked", "booked"]


def test_somebody_is_found_by_document_number_too(officer, cast):
    programme, member = published(cast), make_member(cast.union)
    page = send(officer, programme, [row(member, number="", document_number=member.document_number)])
    assert chosen(page) == [member.pk]


def test_the_other_rows_say_what_is_wrong_and_who_can_be_booked_stays(officer, cast):
    programme, member, stranger = published(cast, capacity=3), make_member(cast.union), make_member(cast.neighbour)
    done = make_member(cast.union)
    booked(cast.officer, programme, done)
    page = send(
        officer,
        programme,
        [
            row(member),
            row(member),
            row(done),
            row(stranger),
            row(stranger, number="0000000000"),
            row(stranger, number="", document_number=stranger.document_number),
            row(stranger, number="", document_number="310101199001010000"),
            row(make_member(cast.union), name="别的名字"),
            ["没有号码", "", "", ""],
            row(make_member(cast.union), stated="劳模"),
        ],
    )
    assert chosen(page) == [member.pk]
    unknown = "本工会没有这个会员编号的会员"
    assert problems(page) == [
        (3, "在文件中出现了不止一次"),
        (4, "已在这个项目中预约"),
        (5, unknown),  # of another union: as one that is nowhere
        (6, unknown),
        (7, "本工会没有这个证件号码的会员"),
        (8, "本工会没有这个证件号码的会员"),
        (9, "姓名与会员编号不相符"),
        (10, "没有填写会员编号或证件号码"),
        (11, "没有这项情况声明"),
    ]
    assert stranger.document_number not in page.text


def test_who_has_withdrawn_can_be_chosen_again(officer, cast):
    programme, member = published(cast), make_member(cast.union)
    withdraw_places(ids(booked(cast.officer, programme, member)), by=cast.officer)
    assert chosen(send(officer, programme, [row(member)])) == [member.pk]


def test_who_may_not_is_shown_with_the_rule_and_removed_at_once(officer, cast):
    programme = published(cast, rules=[("front_line", {})])
    one, other = make_member(cast.union), make_member(cast.union)
    page = send(officer, programme, [row(one, stated="一线职工"), row(other)])
    assert chosen(page) == [one.pk, other.pk]
    assert "移除不符合条件的 1 人" in page.text
    data = {"person": [one.pk, other.pk], f"stated-{one.pk}": "front_line", "remove": "unmet"}
    page = officer.post(reverse("bookings:book", args=[programme.pk]), data)
    assert chosen(page) == [one.pk]
    assert not Booking.objects.exists()


def test_where_nobody_may_go_one_is_led_back_to_the_ticks(officer, cast):
    programme, member = published(cast, rules=[("front_line", {})]), make_member(cast.union)
    data = {"person": [member.pk], "remove": "unmet"}
    page = officer.post(reverse("bookings:book", args=[programme.pk]), data, follow=True)
    assert "请先勾选要预约的会员" in page.text


def test_a_workbook_of_strangers_leads_nowhere(officer, cast):
    page = send(officer, published(cast), [row(make_member(cast.neighbour))])
    assert page.status_code == 422
    assert "文件中没有可以预约的本工会会员" in page.text
    assert "本工会没有这个会员编号的会员" in page.text


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "请先选择填写好的 Excel 文件"),
        (SimpleUploadedFile("a.xlsx", b"no workbook"), "xlsx"),
        (SimpleUploadedFile("a.xlsx", saved(open_workbook([], headings=HEADINGS))), "没有数据"),
        (SimpleUploadedFile("a.xlsx", saved(open_workbook([["1"]], headings=["电话"]))), "姓名"),
        (
            SimpleUploadedFile("a.xlsx", saved(open_workbook([["1", "甲"]] * 501, headings=NUMBER_AND_NAME))),
            "共 501 行，一次最多 500 行",
        ),
    ],
    ids=["none", "not a workbook", "empty", "other headings", "too long"],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(officer, cast, file, said):
    if file:
        file.seek(0)
    page = officer.post(at(published(cast)), {"file": file} if file else {})
    assert page.status_code == 422
    assert said in page.text


def test_five_hundred_rows_ask_as_many_queries_as_five(officer, cast, django_assert_max_num_queries):
    programme, members = published(cast), [make_member(cast.union) for _ in range(25)]
    with django_assert_max_num_queries(5):
        five = workbook.read_people(
            programme, cast.union, upload([row(one) for one in members[:5]], headings=HEADINGS).read()
        )
    with django_assert_max_num_queries(5):
        many = workbook.read_people(
            programme, cast.union, upload([row(one) for one in members], headings=HEADINGS).read()
        )
    assert (len(five.people), len(many.people)) == (5, 25)


def test_only_who_may_book_uploads_and_only_while_it_is_open(client, cast):
    programme = published(cast)
    client.force_login(cast.district_admin)
    assert client.get(at(programme)).status_code == 403
    client.force_login(cast.officer)
    assert client.get(at(programme)).status_code == 200
    cancel_programme(programme, reason="台风", by=cast.platform_admin)
    assert client.get(at(programme)).status_code == 302


def test_the_template_is_read_by_the_page(officer, cast):
    empty = officer.get(reverse("bookings:workbook_template"))
    page = officer.post(
        at(published(cast)), {"file": SimpleUploadedFile("模板.xlsx", b"".join(empty.streaming_content))}
    )
    assert "没有数据" in page.text
