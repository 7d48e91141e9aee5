"""「统计分析」: what a superior sees of its own node and those below, and what bad input is told."""

from datetime import date, timedelta
from io import BytesIO
from itertools import pairwise
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate
from openpyxl import load_workbook

from gonghui.audit.models import Entry
from gonghui.members.models import Member
from gonghui.statistics.closing import close_all, month_ends, opening_of
from gonghui.statistics.models import Closing
from gonghui.unions.levels import UnionKind
from tests.factories import make_union
from tests.statistics.acts import Acts
from tests.statistics.test_closing import member_since

pytestmark = pytest.mark.django_db

OWN = reverse("statistics:own")


def last() -> date:
    """The end of the last month."""
    return next(month_ends(localdate() - timedelta(days=1), 1))


def of(node) -> str:
    return reverse("statistics:node", args=[node.pk])


@pytest.fixture
def closed(cast):
    """Three members, one each, since before last month; one more came in it."""
    for union in (cast.union, cast.neighbour, cast.far):
        member_since(union, opening_of(last()) - timedelta(days=5))
    member_since(cast.union, last(), sex="female")
    close_all()
    return cast


def test_the_page_shows_the_sum_and_what_is_below_it(client, closed):
    client.force_login(closed.platform_admin)
    answer = client.get(OWN)
    whole = answer.context["whole"]
    assert answer.context["day"] == last()
    assert (whole.opening, whole.joined, whole.closing_members, whole.women, whole.unions) == (3, 1, 4, 1, 0)
    assert [(row.node, row.closing_members) for row in answer.context["page"].rows] == [
        (closed.district, 3),
        (closed.bureau, 1),
    ]
    assert of(closed.district) in answer.content.decode()


def test_each_level_sees_its_own_node_and_below(client, closed):
    for user, members in ((closed.district_admin, 3), (closed.reviewer, 2), (closed.bureau_admin, 1)):
        client.force_login(user)
        assert client.get(OWN).context["whole"].closing_members == members
    client.force_login(closed.district_admin)
    assert client.get(of(closed.street)).context["whole"].closing_members == 2


def test_a_node_out_of_scope_is_not_there(client, closed):
    client.force_login(closed.reviewer)
    for node in (closed.other_street, closed.district, closed.city, closed.union):
        assert client.get(of(node)).status_code == 404
    client.force_login(closed.officer)
    assert client.get(OWN).status_code == 404


def test_a_dimension_divides_the_members(client, closed):
    client.force_login(closed.reviewer)
    parts = client.get(OWN, {"by": "sex"}).context["parts"]
    assert [(part.label, part.closing_members) for part in parts] == [("男", 1), ("女", 1)]
    assert [part.label for part in client.get(OWN, {"by": "industry"}).context["parts"]] == ["未填写"]


def test_rates_say_both_numbers(client, closed):
    Member.objects.filter(union=closed.union).update(has_card=True)
    closed.union.staff_count = 5
    closed.union.save()
    Closing.objects.all().delete()
    close_all()
    client.force_login(closed.reviewer)
    page = client.get(OWN, {"day": (localdate() - timedelta(days=1)).isoformat()})
    rates = {rate.label: rate for rate in page.context["whole"].rates}
    assert rates["办卡率"].whole == 2
    assert "职工" in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"day": localdate().isoformat()}, "这一天还没有结束"),
        ({"day": (localdate() + timedelta(days=400)).isoformat()}, "这一天还没有结束"),
        ({"day": "1999-01-31"}, "最早的统计截至"),
        ({"day": "kein Tag"}, "截至："),
        ({"by": "zodiac"}, "分组："),
        ({"basis": "guess"}, "口径："),
        ({"day": (last() - timedelta(days=10)).isoformat()}, "这一天没有结账"),
    ],
)
def test_what_cannot_be_shown_is_told_with_the_way_out(client, closed, asked, told):
    client.force_login(closed.platform_admin)
    answer = client.get(OWN, asked)
    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_a_node_that_did_not_exist_then_says_so(client, closed):
    later = make_union(UnionKind.STREET, closed.district, name="后来街道工会", area="后来街道")
    client.force_login(closed.district_admin)
    assert "还没有建立" in client.get(of(later)).content.decode()


def test_before_anything_is_closed_the_page_says_so(client, cast):
    client.force_login(cast.platform_admin)
    answer = client.get(OWN)
    assert answer.status_code == 200
    assert "还没有结账的数" in answer.content.decode()


def test_the_days_that_are_asked_for_most_are_one_click_away(client, closed):
    client.force_login(closed.platform_admin)
    assert dict(client.get(OWN).context["presets"])["上月末"] == last()


def test_what_is_known_now_is_one_choice_away(client, closed):
    client.force_login(closed.platform_admin)
    page = client.get(OWN, {"basis": "corrected"})
    assert page.context["whole"].closing_members == 4
    yesterday = {"day": (localdate() - timedelta(days=1)).isoformat(), "basis": "corrected"}
    if date.fromisoformat(yesterday["day"]) != last():
        assert "还没有按更正后的资料重新统计" in client.get(OWN, yesterday).content.decode()


def test_the_months_are_linked_and_drawn(client, cast):
    Acts(cast, Random(3)).live(localdate() - timedelta(days=130), 129, 60)
    close_all()
    client.force_login(cast.platform_admin)
    page = client.get(OWN)
    assert '<table class="months" data-chart="line" data-chart-of="会员"' in page.content.decode()
    assert "charts.js" in page.content.decode()
    known = [month for month in page.context["months"] if month.members is not None]
    assert len(known) >= 3
    assert [month.change for month in known][:-1] == [now.members - before.members for now, before in pairwise(known)]


def test_a_page_costs_as_much_with_many_unions_as_with_few(client, closed):
    client.force_login(closed.reviewer)

    def statements() -> int:
        client.get(OWN)
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(OWN)
        return len(found)

    few = statements()
    for _ in range(20):
        member_since(make_union(UnionKind.GRASSROOTS, closed.street), last())
    Closing.objects.all().delete()
    close_all()
    assert statements() == few


def test_the_figures_are_exported_as_they_are_shown_and_it_is_recorded(client, closed):
    client.force_login(closed.reviewer)
    answer = client.post(reverse("statistics:export", args=[closed.street.pk]) + "?by=sex")
    rows = list(load_workbook(BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True))
    told = {(row[0], row[1]): row[9] for row in rows if row[0] in ("本级", "下级工会", "按性别")}
    assert told == {
        ("本级", "五角场镇"): "2",
        ("下级工会", closed.union.name): "2",
        ("按性别", "男"): "1",
        ("按性别", "女"): "1",
    }
    entry = Entry.objects.get(verb="figure.exported")
    assert (entry.data["day"], entry.data["grouped"]) == (last().isoformat(), "性别")


def test_a_node_out_of_scope_and_a_wrong_day_are_not_exported(client, closed):
    client.force_login(closed.reviewer)
    assert client.post(reverse("statistics:export", args=[closed.district.pk])).status_code == 404
    wrong = client.post(reverse("statistics:export", args=[closed.street.pk]) + "?day=1999-01-31", follow=True)
    assert "没有导出" in wrong.content.decode()
    assert not Entry.objects.filter(verb="figure.exported").exists()
