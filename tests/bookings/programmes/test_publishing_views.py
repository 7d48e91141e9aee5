"""Before publishing: what is missing, who could come. Publishing, and cancelling (SPEC 6.1, 6.2)."""

import pytest
from django.urls import reverse

from gonghui.bookings.eligibility.actions import GIVEN_UP, count, give_up
from gonghui.bookings.models import Programme
from gonghui.bookings.programmes.actions import set_rules
from gonghui.bookings.states import Phase, ProgrammeState
from tests.bookings.offers import day, drafted, session_of, time, typed, venue_of
from tests.bookings.stories import booked, published
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def at(name: str, row) -> str:
    return reverse(f"bookings:{name}", args=[row.pk])


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.district_admin)
    return client


@pytest.fixture
def ready(cast) -> Programme:
    programme = drafted(cast, opens_at=time(1))
    session_of(cast, venue_of(cast, programme))
    return programme


def test_the_page_says_what_is_missing_and_where_it_is_added(admin, cast):
    programme = drafted(cast, opens_at=None)
    page = admin.get(at("check", programme))
    assert [sentence for sentence, _ in page.context["missing"]] == ["请填写报名开始时间。", "请添加线路或地点。"]
    assert 'name="when"' not in page.text


def test_a_deadline_after_departure_is_told(admin, cast):
    programme = drafted(cast, opens_at=time(1), deadline=time(30))
    session_of(cast, venue_of(cast, programme), 20)
    ((sentence, _),) = admin.get(at("check", programme)).context["missing"]
    assert "截止时间要早于第一个班次" in sentence


def test_how_many_could_come_and_rules_that_nobody_or_everybody_meets(admin, cast, ready):
    make_member(cast.union)
    make_member(cast.neighbour)
    set_rules(ready, [("card", {}), ("age", {"low": 16, "high": 100})], by=cast.district_admin)
    assert "统计可以参加的人数" in admin.get(at("check", ready)).text
    assert "正在统计" in admin.post(at("survey", ready), follow=True).text
    asked = {"HX-Request": "true"}
    assert "load delay" in admin.get(at("survey", ready), headers=asked).text
    count(ready.pk)
    page = admin.get(at("survey", ready), headers=asked).text
    assert "没有人符合「已办会员服务卡」" in page
    assert "所有会员都符合「年龄 16 至 100 周岁」" in page
    assert "<html" not in page
    assert "load delay" not in page
    assert "重新统计" in admin.get(at("check", ready)).text


def test_a_count_that_failed_says_so_and_can_be_asked_again(admin, ready):
    admin.post(at("survey", ready))
    give_up(ready.pk)
    page = admin.get(at("check", ready)).text
    assert GIVEN_UP in page
    assert "统计可以参加的人数" in page


def test_it_is_published_now(admin, ready):
    page = admin.post(at("check", ready), {"when": "now"}, follow=True)
    assert "已发布" in page.text
    assert Programme.objects.get().state == ProgrammeState.PUBLISHED


def test_it_is_published_at_a_time(admin, ready):
    early = admin.post(at("check", ready), {"when": "later"})
    assert "请填写什么时候发布" in "".join(early.context["form"].errors["at"])
    late = admin.post(at("check", ready), {"when": "later", "at": typed(5)})
    assert late.status_code == 422
    soon = f"{day(0)}T23:59"
    assert "到时自动发布" in admin.post(at("check", ready), {"when": "later", "at": soon}, follow=True).text
    assert Programme.objects.get().phase == Phase.PLANNED


def test_what_is_published_is_not_checked_again(admin, cast):
    programme = published(cast, publisher=cast.district, by=cast.district_admin)
    assert admin.get(at("check", programme)).status_code == 302


def test_a_cancellation_says_whom_it_hits_and_wants_a_reason(admin, cast):
    programme = published(cast, publisher=cast.district, by=cast.district_admin)
    booked(cast.officer, programme, 2)
    assert "2 人的名额、候补或报名全部取消，通知 1 家工会" in admin.get(at("cancel", programme)).text
    assert admin.post(at("cancel", programme), {"reason": " "}).status_code == 422
    assert "已取消，将通知 1 家工会" in admin.post(at("cancel", programme), {"reason": "台风"}, follow=True).text
    again = admin.post(at("cancel", programme), {"reason": "台风"})
    assert "不能再操作" in again.text
    assert "台风" in admin.get(at("programme", programme)).text
