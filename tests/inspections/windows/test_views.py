"""「年检窗口」: opening, extending and closing by the city, the list for all superiors (SPEC 2.6)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gonghui.inspections.models import Window
from tests.inspections.stories import confirmed, day, opened

pytestmark = pytest.mark.django_db

WINDOWS, OPEN = reverse("inspections:windows"), reverse("inspections:open")


def at(name: str, row) -> str:
    return reverse(f"inspections:{name}", args=[row.pk])


FORM = {
    "subject": "organisations",
    "year": "2026",
    "begins_on": str(day(0)),
    "deadline": str(day(20)),
    "reach": "city",
    "banner": "请更新",
}


def test_the_form_comes_filled_in_but_for_the_deadline(client, cast):
    client.force_login(cast.platform_admin)
    form = client.get(OPEN).context["form"]
    assert form["year"].value() == timezone.localdate().year
    assert form["begins_on"].value() == timezone.localdate()
    assert form["reach"].value() == "city"
    assert form["subject"].value() == "organisations"


def test_opening_for_the_city_and_for_one_district(client, cast):
    client.force_login(cast.platform_admin)
    chosen = FORM | {"reach": "chosen", "districts": [cast.district.pk]}
    assert "（杨浦区），已开始通知" in client.post(OPEN, chosen, follow=True).text
    refused = client.post(OPEN, FORM)
    assert refused.status_code == 422
    assert "已有年检" in refused.text
    later = FORM | {"begins_on": str(day(30)), "deadline": str(day(40))}
    assert "（全市）" in client.post(OPEN, later, follow=True).text


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"deadline": ""}, "deadline", "请填写这一项"),
        ({"deadline": str(day(-1))}, "deadline", "早于开始日期"),
        ({"deadline": "9999-12-31"}, "deadline", "最长 366 天"),
        ({"year": "12"}, "year", "2000"),
        ({"reach": "chosen"}, "reach", "请至少勾选一个"),
        ({"reach": "nowhere"}, "reach", "不在选项中"),
        ({"reach": "chosen", "districts": ["999999"]}, "districts", "可用的选项"),
        ({"subject": "nonsense"}, "subject", ""),
    ],
)
def test_a_wrong_field_says_so_and_opens_nothing(client, cast, typed, field, words):
    client.force_login(cast.platform_admin)
    answer = client.post(OPEN, FORM | typed)
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert not Window.objects.exists()


def test_the_boxes_are_ignored_for_the_whole_city(client, cast):
    client.force_login(cast.platform_admin)
    client.post(OPEN, FORM | {"districts": [cast.district.pk]})
    assert Window.objects.get().level2_ids is None


def test_extending_and_closing_by_the_page(client, cast):
    window = opened(cast)
    client.force_login(cast.platform_admin)
    wrong = client.post(at("extend", window), {"deadline": str(window.deadline), "reason": "延长"})
    assert "晚于现在的截止日期" in str(wrong.context["form"].errors["deadline"])
    extended = client.post(at("extend", window), {"deadline": str(day(40)), "reason": "延长"}, follow=True)
    assert f"已延长到 {day(40)}" in extended.text
    assert "不能撤回" in client.get(at("close", window)).text
    assert "已提前结束" in client.post(at("close", window), {"reason": "调整"}, follow=True).text
    assert client.post(at("close", window), {"reason": "调整"}).status_code == 422


def test_the_list_has_every_window_with_state_and_completion(client, cast):
    window = opened(cast, cast.district)
    confirmed(cast, window)
    opened(cast, begins=40, deadline=50)
    client.force_login(cast.platform_admin)
    rows = client.get(WINDOWS).context["page"].rows
    assert [(row.state, row.completion.done, row.completion.total) for row in rows] == [
        ("planned", 0, 3),
        ("open", 1, 2),
    ]
    client.force_login(cast.bureau_admin)
    assert [window.scope_label for window in client.get(WINDOWS).context["page"].rows] == ["全市"]


def test_the_windows_ask_as_many_queries_for_30_as_for_3(client, cast):
    client.force_login(cast.platform_admin)
    counts = []
    for count in (3, 30):
        for number in range(count):
            opened(cast, cast.district, begins=100 * count + 2 * number, deadline=100 * count + 2 * number + 1)
        client.get(WINDOWS)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(WINDOWS, {"size": 100}).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
