"""Sessions, their places and shares, as the publisher changes them (SPEC 6.3)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.bookings.models import Session, ShareMove
from gonghui.bookings.sessions.actions import set_capacity
from gonghui.bookings.states import SessionState
from tests.bookings.offers import day, drafted, published, session_of, typed, venue_of

pytestmark = pytest.mark.django_db


def at(name: str, row) -> str:
    return reverse(f"bookings:{name}", args=[row.pk])


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.district_admin)
    return client


@pytest.fixture
def session(cast) -> Session:
    return published(cast).sessions.get()


def test_a_session_is_added_with_its_places(admin, cast):
    venue = venue_of(cast, drafted(cast))
    sent = {"begins_on": str(day(30)), "ends_on": str(day(34)), "capacity": "40"}
    assert "40 个名额" in admin.post(at("session_add", venue), sent, follow=True).text
    again = admin.post(at("session_add", venue), sent)
    assert (again.status_code, "已有班次" in again.text) == (422, True)


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"ends_on": str(day(29))}, "ends_on", "结束日期不能早于开始日期"),
        ({"begins_on": str(day(-1))}, "begins_on", "应在今天以后"),
        ({"capacity": "0"}, "capacity", "不能小于 1"),
        ({"from_time": "08:00"}, "to_time", "要一起填写"),
        ({"from_time": "08:00", "to_time": "07:00", "ends_on": str(day(30))}, "to_time", "要晚于开始时间"),
        ({"from_time": "08:00", "to_time": "09:00"}, "ends_on", "在同一天"),
    ],
)
def test_a_session_that_cannot_be_is_refused_at_its_field(admin, cast, changed, field, words):
    venue = venue_of(cast, drafted(cast))
    sent = {"begins_on": str(day(30)), "ends_on": str(day(34)), "capacity": "40"} | changed
    page = admin.post(at("session_add", venue), sent)
    assert page.status_code == 422
    assert words in "".join(page.context["form"].errors[field])


def test_the_capacity_goes_up_and_down_but_not_below_what_is_taken(admin, session):
    admin.post(at("session_capacity", session), {"capacity": "15", "reason": "加一辆车"})
    Session.objects.filter(pk=session.pk).update(taken=3)
    session.shares.update(taken=3)
    low = admin.post(at("session_capacity", session), {"capacity": "2", "reason": "减"})
    assert "不能少于 3" in "".join(low.context["form"].errors["capacity"])
    page = admin.get(at("session", session)).text
    for words in ("加一辆车", "增加名额", "3 / 15"):
        assert words in page


def test_places_are_shared_out_and_moved_with_their_history(admin, cast, session):
    share = {"union": cast.street.pk, "places": "4", "held_until": typed(5)}
    admin.post(at("share_add", session), share)
    kept = session.shares.get(union=cast.street)
    common = session.shares.get(union=None)
    assert (kept.capacity, common.capacity) == (4, 6)
    above = admin.post(at("share_add", session), {"category": "model_worker", "places": "7"})
    assert above.status_code == 422
    assert "6" in "".join(above.context["form"].errors["places"])
    both = admin.post(at("share_add", session), share | {"category": "model_worker"})
    assert "不能都选" in "".join(both.context["form"].errors["category"])
    move = {"origin": kept.pk, "target": common.pk, "places": "1", "reason": "用不完"}
    admin.post(at("places_move", session), move)
    assert ShareMove.objects.filter(reason="用不完", places=1).exists()
    assert "用不完" in admin.get(at("session", session)).text
    much = admin.post(at("places_move", session), move | {"places": "9"})
    assert "只有 3 个空余名额" in "".join(much.context["form"].errors["places"])


def test_only_ones_own_streets_can_be_given_a_share(admin, cast, session):
    page = admin.post(at("share_add", session), {"union": cast.company.pk, "places": "1"})
    assert "union" in page.context["form"].errors


def test_dates_are_changed_and_a_session_cancelled_with_its_reason(admin, session):
    dates = {"begins_on": str(day(40)), "ends_on": str(day(44))}
    admin.post(at("session_edit", session), dates)
    session.refresh_from_db()
    assert session.begins_on == day(40)
    assert admin.post(at("session_cancel", session), {"reason": ""}).status_code == 422
    page = admin.post(at("session_cancel", session), {"reason": "台风"}, follow=True)
    assert "已取消班次" in page.text
    session.refresh_from_db()
    assert session.state == SessionState.CANCELLED
    gone = admin.get(at("session", session)).text
    assert "台风" in gone
    assert at("session_cancel", session) not in gone


def test_who_only_sees_a_session_changes_nothing(client, cast, session):
    client.force_login(cast.reviewer)
    assert client.get(at("sessions", session.programme)).status_code == 200
    assert at("session_edit", session) not in client.get(at("session", session)).text
    for name in ("session_edit", "session_capacity", "share_add", "places_move", "session_cancel"):
        assert client.post(at(name, session)).status_code == 403
    client.force_login(cast.bureau_admin)
    assert client.get(at("session", session)).status_code == 404


def test_sessions_of_one_venue_are_listed_by_date(admin, cast, session):
    session_of(cast, session.venue, 20)
    rows = admin.get(at("sessions", session.programme)).context["page"].rows
    assert [row.begins_on for row in rows] == [day(20), day(30)]


def test_the_lists_ask_no_more_for_many_than_for_few(admin, cast, session):
    def asked() -> list[int]:
        counts = []
        for address in (at("sessions", session.programme), at("session", session)):
            with CaptureQueriesContext(connection) as queries:
                admin.get(address)
            counts.append(len(queries))
        return counts

    move_of(cast, session)
    asked()
    few = asked()
    for days in (20, 40, 50):
        session_of(cast, session.venue, days)
        move_of(cast, session)
    assert asked() == few


def move_of(cast, session: Session) -> None:
    set_capacity(session, Session.objects.get(pk=session.pk).capacity + 1, reason="增加", by=cast.district_admin)
