"""Programmes as their publisher sees them: list, form, venues, packages (SPEC 6.1, 6.2)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.bookings.models import Announcement, Programme
from gonghui.bookings.programmes.actions import create_programme
from tests.bookings.offers import FORM, drafted, published, session_of, typed, venue_of

pytestmark = pytest.mark.django_db

LIST, CREATE = reverse("bookings:programmes"), reverse("bookings:create")


def at(name: str, row) -> str:
    return reverse(f"bookings:{name}", args=[row.pk])


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.district_admin)
    return client


def test_a_draft_is_saved_with_its_money_and_its_rules(admin, cast):
    page = admin.post(CREATE, FORM, follow=True)
    assert "已保存为草稿" in page.text
    programme = Programme.objects.get()
    assert (programme.publisher, str(programme.price)) == (cast.district, "1299.50")
    assert dict(programme.funds.values_list("source", "amount")).keys() == {"city", "level2", "self"}
    rules = list(programme.rules.values_list("kind", "parameters"))
    assert rules == [("card", {}), ("not_within_years", {"years": 3, "unless": ["blood_donor"]})]
    for words in ("1,299.50 元", "3 年内未参加过，献血者除外", "已办会员服务卡"):
        assert words in page.text


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"title": ""}, "title", "请填写这一项"),
        ({"deadline": typed(0)}, "deadline", "截止时间要晚于报名开始时间"),
        ({"opens_at": "明天"}, "opens_at", "请填写日期和时间"),
        ({"allocation": "draw"}, "collects_until", "请填写报名收集到什么时候"),
        ({"allocation": "draw", "collects_until": typed(11)}, "collects_until", "不能晚于截止时间"),
        ({"fund_city": "很多"}, "fund_city", "请填写金额"),
        ({"fund_city": "-1"}, "fund_city", "不能小于 0"),
        ({"guests_max": "2"}, "guest_price", "请填写家属费用"),
        ({"no_show": "barred"}, "no_show_years", "几年内不得再报名"),
        ({"rule_age": "on", "age_low": "60", "age_high": "18"}, "age_high", "最大年龄不能小于最小年龄"),
        ({"rule_sex": "on"}, "sex_sexes", "请至少选择一项"),
        ({"not_within_years_years": ""}, "not_within_years_years", "1 至 50"),
        ({"tiers": ["years_since"], "allocation": "draw", "collects_until": typed(9)}, "tier_years", "满几年"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_stays_typed(admin, changed, field, words):
    page = admin.post(CREATE, FORM | changed)
    assert page.status_code == 422
    form = page.context["form"]
    assert words in "".join(form.errors[field])
    assert form["contact"].value() == FORM["contact"]
    assert not Programme.objects.exists()


def test_the_form_of_a_programme_comes_filled_in_and_keeps_what_is_not_changed(admin, cast):
    admin.post(CREATE, FORM)
    programme = Programme.objects.get()
    form = admin.get(at("edit", programme)).context["form"]
    assert (form["fund_self"].value(), form["rule_card"].value(), form["rule_sex"].value()) == (99.5, True, None)
    admin.post(at("edit", programme), FORM | {"title": "改名", "rule_card": ""})
    programme.refresh_from_db()
    assert (programme.title, programme.rules.count()) == ("改名", 1)


def test_a_change_after_publishing_tells_everybody_booked_and_leaves_the_rules(admin, cast):
    programme = published(cast)
    page = admin.get(at("edit", programme))
    assert "通知已预约、候补的 0 家工会" in page.text
    assert "参加条件" in page.text
    assert page.context["form"].fields["kind"].disabled
    sent = {name: value for name, value in FORM.items() if not name.startswith("rule_")} | {"contact": "新电话"}
    shown = page.context["form"]
    for name in ("opens_at", "deadline"):
        sent[name] = f"{shown[name].value():%Y-%m-%dT%H:%M}"
    assert "已保存" in admin.post(at("edit", programme), sent, follow=True).text
    fresh = Programme.objects.get()
    assert (fresh.contact, fresh.opens_at, fresh.rules.count()) == ("新电话", programme.opens_at, 1)
    assert "咨询方式" in Announcement.objects.order_by("pk")[0].body


def test_the_list_shows_places_as_bars_and_whose_programme_it_is(admin, cast):
    published(cast, capacity=12)
    page = admin.get(LIST).text
    for words in ("莫干山疗休养 5 日", "报名中", "/ 12", "余名额", "没有人候补", "1,200 元"):
        assert words in page


@pytest.mark.parametrize(
    ("query", "found"), [({"kind": "checkup"}, 0), ({"phase": "draft"}, 1), ({"phase": "open"}, 0)]
)
def test_the_list_is_narrowed_by_kind_and_phase(admin, cast, query, found):
    drafted(cast)
    assert len(admin.get(LIST, query).context["offers"]) == found


def test_a_list_of_many_programmes_asks_no_more_than_one_of_few(admin, cast):
    published(cast)
    admin.get(LIST)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            admin.get(LIST)
        return len(queries)

    one = asked()
    for _ in range(4):
        published(cast)
    assert asked() == one


def test_others_see_what_is_published_and_change_nothing(client, cast):
    draft, programme = drafted(cast), published(cast)
    client.force_login(cast.reviewer)
    assert client.get(at("programme", draft)).status_code == 404
    page = client.get(at("programme", programme)).text
    assert at("edit", programme) not in page
    assert client.get(at("edit", programme)).status_code == 403
    assert client.post(CREATE, FORM).status_code == 403
    client.force_login(cast.bureau_admin)
    assert client.get(at("programme", programme)).status_code == 404


def test_the_city_sees_the_programmes_of_all_but_no_drafts(client, cast):
    draft, programme = drafted(cast), published(cast)
    client.force_login(cast.platform_admin)
    assert client.get(at("programme", programme)).status_code == 200
    assert client.get(at("programme", draft)).status_code == 404


def test_a_venue_is_added_changed_and_removed_while_it_has_no_session(admin, cast):
    programme = drafted(cast)
    admin.post(at("venue_add", programme), {"name": "天目湖线", "address": "江苏溧阳"})
    venue = programme.venues.get()
    admin.post(at("venue_edit", venue), {"name": "天目湖镇线"})
    venue.refresh_from_db()
    assert venue.name == "天目湖镇线"
    again = admin.post(at("venue_add", programme), {"name": "天目湖镇线"})
    assert again.status_code == 422
    session_of(cast, venue)
    assert at("venue_remove", venue) not in admin.get(at("programme", programme)).text
    assert "还有班次" in admin.post(at("venue_remove", venue), follow=True).text
    empty = venue_of(cast, programme)
    admin.post(at("venue_remove", empty))
    assert programme.venues.count() == 1


def test_a_package_says_for_whom_it_is(admin, cast):
    programme = create_programme(cast.district, {"kind": "checkup", "title": "体检"}, by=cast.district_admin)
    wrong = admin.post(at("package_add", programme), {"name": "甲", "age_from": "50", "age_to": "40"})
    assert "不能小于" in "".join(wrong.context["form"].errors["age_to"])
    admin.post(at("package_add", programme), {"name": "甲", "sexes": ["female"], "age_from": "35", "married": "yes"})
    package = programme.packages.get()
    assert package.married is True
    assert "女，35 至  岁，已婚" not in admin.get(at("programme", programme)).text
    assert "女，35 岁以上，已婚" in admin.get(at("programme", programme)).text
    assert admin.get(at("package_edit", package)).context["form"]["married"].value() == "yes"
