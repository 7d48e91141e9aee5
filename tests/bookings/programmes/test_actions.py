"""Programmes are drafted, published, changed with a notice, and cancelled."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gonghui.bookings.models import Announcement, Place, Programme, Session
from gonghui.bookings.programmes.actions import (
    cancel_programme,
    edit_programme,
    publish_programme,
    remove_venue,
    save_package,
    save_venue,
    set_funds,
    set_rules,
)
from gonghui.bookings.sessions.actions import add_session
from gonghui.bookings.states import Phase
from gonghui.bookings.tasks import tell_booked
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from tests.bookings.stories import booked, drafted, later, opened, published, session_of, states
from tests.factories import live

pytestmark = pytest.mark.django_db


def test_city_district_and_bureau_publish_for_those_below(cast):
    for union, user in (
        (cast.city, cast.platform_admin),
        (cast.district, cast.district_admin),
        (cast.bureau, cast.bureau_admin),
    ):
        assert published(cast, publisher=union, by=user).publisher == union


def test_nobody_else_publishes(cast):
    for user in (cast.officer, cast.reviewer, cast.bureau_admin):
        with pytest.raises(Refused, match="管理员"):
            drafted(cast, by=user)
    with pytest.raises(Refused, match="管理员"):
        publish_programme(drafted(cast), by=cast.district_admin)


def test_a_draft_is_seen_by_its_publisher_alone(cast):
    programme = drafted(cast, publisher=cast.district, by=cast.district_admin)
    seen = lambda user: Programme.objects.visible_to(user).filter(pk=programme.pk).exists()  # noqa: E731
    assert seen(cast.district_admin)
    assert not seen(cast.platform_admin)
    assert not seen(cast.officer)
    session_of(programme, by=cast.district_admin)
    publish_programme(programme, by=cast.district_admin)
    assert seen(cast.platform_admin)
    assert seen(cast.officer)
    assert not seen(cast.far_officer)
    assert not seen(cast.claimant)


def test_published_at_a_time_to_come_it_is_seen_from_then_on(cast):
    now = timezone.now()
    programme = drafted(cast, opens_at=now + timedelta(days=3))
    session_of(programme, by=cast.platform_admin)
    with pytest.raises(Refused, match="发布时间已经过去"):
        publish_programme(programme, at=now - timedelta(seconds=1), by=cast.platform_admin)
    programme = publish_programme(programme, at=now + timedelta(days=2), by=cast.platform_admin)
    assert (programme.phase, Programme.objects.visible_to(cast.officer).count()) == (Phase.PLANNED, 0)
    later(timedelta(days=2))
    assert (live(programme).phase, Programme.objects.visible_to(cast.officer).count()) == (Phase.PUBLISHED, 1)


def test_its_phase_follows_the_clock(cast):
    programme = published(cast)
    now = timezone.now()
    assert programme.phase == Phase.OPEN
    assert programme.phase_at(programme.opens_at - timedelta(seconds=1)) == Phase.PUBLISHED
    assert programme.phase_at(programme.deadline) == Phase.CLOSED
    assert programme.phase_at(now + timedelta(days=61)) == Phase.RUNNING
    assert programme.phase_at(now + timedelta(days=70)) == Phase.ENDED


def test_bad_times_are_refused(cast):
    now = timezone.now()
    with pytest.raises(Refused, match="截止时间应晚于"):
        drafted(cast, deadline=now - timedelta(days=1))
    late = drafted(cast, deadline=now + timedelta(days=90))
    session_of(late, by=cast.platform_admin)
    with pytest.raises(Refused, match="截止时间应早于最早班次"):
        publish_programme(late, by=cast.platform_admin)
    with pytest.raises(Refused, match="还没有班次"):
        publish_programme(drafted(cast), by=cast.platform_admin)
    with pytest.raises(Refused, match="收集截止"):
        drafted(cast, allocation="draw", collects_until=now + timedelta(days=31))
    with pytest.raises(Refused, match="几年内"):
        drafted(cast, no_show="barred")


def test_published_once(cast):
    with pytest.raises(Refused, match="无需再发布"):
        publish_programme(published(cast), by=cast.platform_admin)


def test_a_change_of_what_is_published_is_told_to_everybody_booked(cast):
    programme = published(cast)
    booked(cast.officer, programme, 1)
    edit_programme(programme, {"price": 300}, by=cast.platform_admin)
    announcement = Announcement.objects.get()
    assert announcement.body == "变更内容：每人费用（元）（0.00 改为 300）。"
    for _ in range(2):
        tell_booked(announcement.pk)
    assert Notice.objects.filter(title__contains="有变更").count() == 1
    assert Notice.objects.get(title__contains="有变更").user == cast.officer


def test_what_people_have_booked_by_stays(cast):
    programme = published(cast)
    with pytest.raises(Refused, match="不能再改：名额分配"):
        edit_programme(programme, {"allocation": "draw", "collects_until": programme.deadline}, by=cast.platform_admin)
    with pytest.raises(Refused, match="报名条件不能再改"):
        set_rules(programme, [("card", {})], by=cast.platform_admin)
    with pytest.raises(Refused, match="报名开始时间已过"):
        edit_programme(programme, {"opens_at": timezone.now() + timedelta(days=1)}, by=cast.platform_admin)


def test_a_rule_with_wrong_parameters_is_refused(cast):
    programme = drafted(cast)
    for kind, parameters in (
        ("age", {"low": 60, "high": 18}),
        ("age", {"low": "18", "high": 60}),
        ("member_months", {}),
        ("level2s", {"unions": [cast.union.pk]}),
        ("sex", {"sexes": ["neither"]}),
        ("not_in_cycle", {"first": 2026, "last": 2023}),
    ):
        with pytest.raises(Refused):
            set_rules(programme, [(kind, parameters)], by=cast.platform_admin)
    with pytest.raises(Refused, match="只能用一次"):
        set_rules(programme, [("card", {}), ("card", {})], by=cast.platform_admin)


def test_venues_and_packages_have_a_name_once(cast):
    programme = drafted(cast)
    with pytest.raises(Refused, match="同名"):
        save_venue(programme, {"name": "莫干山线"}, by=cast.platform_admin)
    with pytest.raises(Refused, match="名称"):
        save_package(programme, {"name": " "}, by=cast.platform_admin)
    with pytest.raises(Refused, match="最大年龄"):
        save_package(programme, {"name": "甲", "age_from": 40, "age_to": 30}, by=cast.platform_admin)
    venue = save_venue(programme, {"name": "千岛湖线"}, by=cast.platform_admin)
    remove_venue(venue, by=cast.platform_admin)
    assert list(programme.venues.values_list("name", flat=True)) == ["莫干山线"]
    session = session_of(programme, by=cast.platform_admin)
    with pytest.raises(Refused, match="还有班次"):
        remove_venue(session.venue, by=cast.platform_admin)


def test_cancelled_everybody_is_told_and_nobody_is_in_it(cast):
    programme = published(cast, capacity=1)
    first, second = booked(cast.officer, programme, 1), booked(cast.neighbour_officer, programme, 1)
    with pytest.raises(Refused, match="管理员"):
        cancel_programme(programme, reason="台风", by=cast.district_admin)
    cancel_programme(programme, reason="台风", by=cast.platform_admin)
    assert states(first) == states(second) == ["ended"]
    assert set(Place.objects.values_list("ended_for", flat=True)) == {"cancelled"}
    assert Announcement.objects.get().unions == sorted([cast.union.pk, cast.neighbour.pk])
    assert Session.objects.get().taken == 0
    with pytest.raises(Refused, match="取消，不能再操作"):
        cancel_programme(programme, reason="台风", by=cast.platform_admin)
    with pytest.raises(Refused, match="已经取消"):
        booked(cast.officer, programme, 1)


def test_funds_are_announced_when_they_change(cast):
    programme = published(cast)
    set_funds(programme, {"city": 1200, "union": 800}, by=cast.platform_admin)
    assert not Announcement.objects.exists()
    set_funds(programme, {"city": 1000}, by=cast.platform_admin)
    assert "市总工会 1000 元" in Announcement.objects.get().body
    with pytest.raises(Refused, match="小于 0"):
        set_funds(programme, {"city": -1}, by=cast.platform_admin)


def test_nothing_is_told_of_a_draft(cast):
    programme = drafted(cast)
    edit_programme(programme, {"price": 300}, by=cast.platform_admin)
    opened(programme)
    assert not Announcement.objects.exists()
    assert add_session
