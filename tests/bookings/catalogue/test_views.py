"""What is offered to an officer: programmes, places free now, and each member's answer to the rules."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gonghui.bookings.catalogue.queries import cards, session_lines
from gonghui.bookings.models import Programme, Share
from gonghui.bookings.sessions.actions import add_share
from gonghui.members.codes import Sex
from gonghui.members.models import Member
from tests.bookings.stories import booked, drafted, first_session, published
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def page(client, programme, **query) -> str:
    answer = client.get(reverse("bookings:offer", args=[programme.pk]), query)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_an_officer_sees_what_is_published_above_with_the_places_that_are_free(client, cast):
    published(cast, capacity=[3, 4])
    drafted(cast, title="还没有发布的")
    client.force_login(cast.officer)
    text = " ".join(client.get(reverse("bookings:offers")).text.split())
    assert "莫干山疗休养" in text
    assert '<b class="num">7</b> <small>本会可用</small>' in text
    assert "还没有发布的" not in text


def test_free_are_the_common_pool_and_the_unions_own_shares_not_those_of_others(cast):
    programme = published(cast, capacity=10)
    session = first_session(programme)
    until = timezone.now() + timedelta(days=2)
    add_share(session, union=cast.district, places=3, held_until=until, by=cast.platform_admin)
    add_share(session, union=cast.bureau, places=4, held_until=until, by=cast.platform_admin)
    (card,) = cards([programme], cast.union)
    assert card.free == 6
    (line,) = session_lines(programme, cast.union, people=6)
    assert (line.own, line.common, line.fits) == (3, 3, True)
    assert not session_lines(programme, cast.union, people=7)[0].fits


def test_a_full_session_says_so_and_how_many_wait(client, cast):
    programme = published(cast, capacity=2)
    booked(cast.officer, programme, 2)
    booked(cast.officer, programme, 1)
    client.force_login(cast.officer)
    assert "已满" in client.get(reverse("bookings:offers")).text
    assert "已满，可候补" in page(client, programme)


def test_each_member_is_answered_by_every_rule(client, cast):
    programme = published(cast, rules=[("card", {}), ("sex", {"sexes": [Sex.FEMALE]})])
    make_member(cast.union)
    Member.objects.filter(union=cast.union).update(has_card=True, sex=Sex.FEMALE)
    barred = make_member(cast.union)
    Member.objects.filter(pk=barred.pk).update(has_card=False, sex=Sex.FEMALE)
    client.force_login(cast.officer)
    text = page(client, programme, show="all")
    assert "2 条全部符合" in text
    assert "已办会员服务卡（" in text
    assert "2 条全部符合" in page(client, programme)
    assert barred.number not in page(client, programme)


def test_what_the_officer_may_state_does_not_bar_beforehand(client, cast):
    programme = published(cast, rules=[("front_line", {})])
    member = make_member(cast.union)
    client.force_login(cast.officer)
    text = page(client, programme)
    assert "：下一步声明" in text
    box = text[text.index(f'value="{member.pk}"') :][:200]
    assert "disabled" not in box
    fit = client.get(reverse("bookings:fit", args=[programme.pk])).json()
    assert fit["ids"] == list(Member.objects.filter(union=cast.union).order_by("pk").values_list("pk", flat=True))


def test_who_is_booked_is_not_offered_again(client, cast):
    programme = published(cast, capacity=5)
    member = make_member(cast.union)
    booking = booked(cast.officer, programme, member)
    client.force_login(cast.officer)
    assert reverse("bookings:booking", args=[booking.pk]) in page(client, programme, show="all")
    assert member.number not in page(client, programme)
    assert member.pk not in client.get(reverse("bookings:fit", args=[programme.pk])).json()["ids"]


def test_before_it_opens_the_page_says_when_and_ticks_nobody(client, cast):
    programme = published(cast)
    Programme.objects.filter(pk=programme.pk).update(opens_at=timezone.now() + timedelta(hours=1))
    client.force_login(cast.officer)
    text = page(client, programme)
    assert "以平台时间为准" in text
    assert 'name="person"' not in text


def test_what_is_published_for_others_is_not_found(client, cast):
    programme = published(cast, publisher=cast.bureau, by=cast.bureau_admin)
    client.force_login(cast.officer)
    assert client.get(reverse("bookings:offer", args=[programme.pk])).status_code == 404
    assert client.get(reverse("bookings:fit", args=[programme.pk])).status_code == 404


def test_the_list_asks_as_many_statements_for_ten_as_for_one(client, cast, django_assert_max_num_queries):
    client.force_login(cast.officer)
    published(cast)
    client.get(reverse("bookings:offers"))
    for number in range(9):
        published(cast, title=f"疗休养 {number}")
    with django_assert_max_num_queries(14):
        client.get(reverse("bookings:offers"))


def test_a_page_of_members_is_answered_by_the_same_statements(client, cast, django_assert_max_num_queries):
    programme = published(cast, rules=[("card", {}), ("not_within_years", {"years": 3})])
    for _ in range(12):
        make_member(cast.union)
    client.force_login(cast.officer)
    page(client, programme, show="all")
    with django_assert_max_num_queries(25):
        page(client, programme, show="all")


def test_past_and_cancelled_programmes_stand_apart(client, cast):
    programme = published(cast)
    Programme.objects.filter(pk=programme.pk).update(
        opens_at=timezone.now() - timedelta(days=2), deadline=timezone.now() - timedelta(days=1)
    )
    client.force_login(cast.officer)
    assert "现在没有可以预约的项目" in client.get(reverse("bookings:offers")).text
    assert programme.title in client.get(reverse("bookings:offers") + "?tab=past").text
    assert Share.objects.filter(session__programme=programme).exists()
