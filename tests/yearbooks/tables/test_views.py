"""The list of years, and the form of a table."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.unions.levels import UnionKind
from gonghui.yearbooks.models import Yearbook
from gonghui.yearbooks.tables.form import PROPOSED
from tests.factories import make_union, make_user
from tests.yearbooks.stories import closed, end_of, laid_down, last_year, opened, sheet_of, street_signed

pytestmark = pytest.mark.django_db

LIST, CREATE = reverse("yearbooks:list"), reverse("yearbooks:create")


def typed(*lines: dict[str, str], **more: str) -> dict[str, Any]:
    data: dict[str, Any] = {"year": str(last_year()), "title": "工会统计年报", "version": "0"}
    for number, line in enumerate(lines, start=1):
        data |= {
            f"{part}_{number}": line.get(part, "") for part in ("place", "label", "measure", "at_most", "tolerance")
        }
    return data | more


def test_the_city_begins_with_what_is_proposed_and_goes_on_with_the_newest_table(client, cast):
    closed(cast)
    client.force_login(cast.platform_admin)
    form = client.get(CREATE).context["form"]
    labels = [row["label"].value() for row in form.rows]
    assert labels == [row.label for row in PROPOSED] + [None] * 3
    laid_down(cast)
    form = client.get(CREATE).context["form"]
    assert [row["label"].value() for row in form.rows][:4] == ["会员", "女会员", "困难职工", "困难女职工"]
    assert [row["at_most"].value() for row in form.rows][:4] == [None, 1, None, 3]


def test_lines_are_kept_in_the_order_of_their_places_and_empty_ones_left_out(client, cast):
    closed(cast)
    client.force_login(cast.platform_admin)
    answer = client.post(CREATE, typed(
        {"place": "2", "label": "困难女职工", "at_most": "1.5"},
        {},
        {"label": "最后一行"},
        {"place": "1.5", "label": "困难职工", "tolerance": "20"},
        {"place": "1", "measure": "closing_members"},
    ))  # fmt: skip
    yearbook = Yearbook.objects.get()
    assert answer.url == reverse("yearbooks:table", args=[yearbook.pk])
    assert [(line.label, line.at_most and line.at_most.label) for line in yearbook.lines.select_related("at_most")] == [
        ("会员", None), ("困难职工", None), ("困难女职工", "困难职工"), ("最后一行", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([{"place": "1", "label": "甲"}, {"place": "1", "label": "乙"}], "行次 1 重复了"),
        ([{"place": "1", "label": "甲", "at_most": "7"}], "没有行次是 7 的行"),
        ([{"place": "一", "label": "甲"}], "请填写数字，例如 3 或 3.5"),
        ([{"place": "1", "label": "甲", "tolerance": "很多"}], "请填写整数"),
        ([{"place": "1", "label": "甲", "measure": "salary"}], "不在选项中"),
        ([{}], "年报至少要有一行"),
    ],
)
def test_what_makes_no_sense_is_told_and_what_was_typed_is_still_there(client, cast, lines, said):
    closed(cast)
    client.force_login(cast.platform_admin)
    answer = client.post(CREATE, typed(*lines))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "工会统计年报" in answer.content.decode()
    assert not Yearbook.objects.exists()


def test_more_lines_keep_what_was_typed(client, cast):
    client.force_login(cast.platform_admin)
    answer = client.post(CREATE, typed({"place": "x", "label": "甲"}, more="yes"))
    assert answer.status_code == 200
    assert [row["label"].value() for row in answer.context["form"].rows] == ["甲", None, None, None]


def test_a_future_year_is_refused_at_the_year(client, cast):
    closed(cast)
    client.force_login(cast.platform_admin)
    answer = client.post(CREATE, typed({"label": "甲"}, year=str(localdate().year + 1)))
    assert answer.status_code == 422
    assert "还没有到，不能制定它的年报" in answer.context["form"].errors["year"][0]


def test_an_open_table_is_shown_and_not_edited(client, cast):
    yearbook = opened(cast)
    client.force_login(cast.platform_admin)
    address = reverse("yearbooks:table", args=[yearbook.pk])
    assert client.get(reverse("yearbooks:edit", args=[yearbook.pk])).url == address
    assert "此后不再改变" in client.get(address).content.decode()
    client.force_login(cast.reviewer)
    assert client.get(address).status_code == 200


def test_a_draft_is_the_city_s_alone_and_says_what_is_missing(client, cast):
    closed(cast)
    yearbook = laid_down(cast, localdate().year)
    address = reverse("yearbooks:table", args=[yearbook.pk])
    client.force_login(cast.platform_admin)
    assert "年还没有结束" in client.get(address).content.decode()
    for user in (cast.district_admin, cast.reviewer):
        client.force_login(user)
        assert client.get(address).status_code == 404
        assert "还没有年报" in client.get(LIST).content.decode()


def test_the_list_says_how_far_each_is(client, cast):
    opened(cast)
    street_signed(cast)
    for user, state, signed, total in (
        (cast.platform_admin, "pending", 0, 2),
        (cast.district_admin, "pending", 1, 2),
        (cast.reviewer, "signed", 0, 0),
    ):
        client.force_login(user)
        own = client.get(LIST).context["page"].rows[0].own
        assert (own.state, own.signed, own.total) == (state, signed, total)


def test_a_union_that_was_not_there_then_is_told(client, cast):
    closed(cast)
    later = make_union(UnionKind.STREET, cast.district, name="新设街道工会", area="新设街道")
    opened(cast)
    client.force_login(make_user(later))
    answer = client.get(LIST)
    assert answer.context["page"].rows[0].own is None
    assert "当时还没有本级" in answer.content.decode()


def test_the_list_costs_as_much_with_many_years_as_with_one(client, cast):
    client.force_login(cast.platform_admin)
    counts = []
    for years in (range(last_year() - 3, last_year() - 2), range(last_year() - 2, last_year() + 1)):
        for year in years:
            opened(cast, year)
            assert sheet_of(cast.city, year).yearbook.day == end_of(year)
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
