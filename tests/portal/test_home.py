"""The front pages: a new union's first steps, the overview of the city, changes since the last visit."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.notices.actions import notify
from gonghui.portal import home
from gonghui.reviews import checking
from gonghui.unions.models import Union
from tests.factories import make_member, make_union
from tests.inspections.stories import confirmed, opened
from tests.reviews.test_views import waiting
from tests.transfers.stories import ended

pytestmark = pytest.mark.django_db


def words_of(response) -> str:
    """Returns the text of the page without its tags."""
    return " ".join(re.sub("<[^>]*>", " ", response.text).split())


@pytest.fixture(autouse=True)
def _no_figures_of_before():
    cache.clear()


def steps(union) -> dict[str, bool]:
    return {step.label: step.done for step in home.first_steps(Union.objects.get(pk=union.pk))}


def test_a_new_union_is_shown_four_steps_with_what_is_done(cast, client):
    opened(cast, cast.district)
    assert steps(cast.union) == {"导入会员": False, "核对会员人数": False, "申请办卡": False, "完成年检": False}
    make_member(cast.union)
    Union.objects.filter(pk=cast.union.pk).update(staff_count=3)
    assert steps(cast.union) == {"导入会员": True, "核对会员人数": True, "申请办卡": False, "完成年检": False}
    client.force_login(cast.officer)
    assert "开始使用" in client.get("/home/").text


def test_a_union_that_is_not_approved_has_no_steps_yet(cast):
    assert steps(cast.unfiled) == {}


def test_the_overview_adds_up_its_branches_and_counts_those_below_alone(cast):
    for _ in range(2):
        make_member(cast.union)
    make_member(cast.far)
    window = opened(cast)
    confirmed(cast, window)
    overview = home.overview_of(cast.city)
    lines = {line.node.pk: line for line in overview["lines"]}
    assert (lines[cast.district.pk].unions, lines[cast.district.pk].members) == (2, 2)
    assert (lines[cast.bureau.pk].unions, lines[cast.bureau.pk].members) == (1, 1)
    assert lines[cast.district.pk].organisations.rate == "50.0%"
    assert (overview["total"].unions, overview["total"].members) == (3, 3)
    assert overview["total"].organisations.rate == "33.3%"
    below = home.overview_of(cast.district)
    assert {line.node.pk for line in below["lines"]} == {cast.street.pk, cast.other_street.pk}
    assert below["total"].members == 2


def test_the_overview_asks_as_many_queries_for_a_city_of_any_size(cast):
    opened(cast)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            home.overview_of(cast.city)
        return len(queries)

    before = asked()
    for _ in range(5):
        street = make_union("street", cast.district)
        make_member(make_union("grassroots", street))
    assert asked() == before
    assert before <= 16


def test_since_the_last_visit_begins_when_the_user_was_here_last(cast):
    cast.officer.last_login = timezone.now()
    cast.officer.save()
    notify([cast.officer], "早先的通知", mail=False)
    cast.officer.notices.update(created_at=timezone.now() - timedelta(days=3))
    entry = Entry.objects.create(verb="account.signed_in", actor=cast.officer)
    Entry.objects.filter(pk=entry.pk)  # made now: this visit, not the last one
    assert list(home.since_last_visit(cast.officer)["notices"]) == []
    notify([cast.officer], "新的通知", mail=False)
    assert [notice.title for notice in home.since_last_visit(cast.officer)["notices"]] == ["新的通知"]


def test_superiors_are_told_of_unions_past_their_re_election(cast, client):
    Union.objects.filter(pk=cast.union.pk).update(reelection_on=localdate() - timedelta(days=1))
    for user, words in (
        (cast.reviewer, "换届 1 家已逾期"),
        (cast.other_reviewer, "换届 没有逾期的工会"),
        (cast.district_admin, "换届 1 家已逾期"),
        (cast.platform_admin, "换届 1 家已逾期"),
        (cast.bureau_admin, "换届 没有逾期的工会"),
    ):
        client.force_login(user)
        page = client.get("/home/")
        assert words in words_of(page)
        assert "/filings/deadlines/?which=reelection-" in page.text


def test_what_waits_beside_the_requests_stands_on_the_streets_home_and_desk(cast, client):
    client.force_login(cast.reviewer)
    assert "其他待办" not in client.get("/home/").text
    ended(cast, make_member(cast.union), "expelled")
    Union.objects.filter(pk=cast.union.pk).update(reelection_on=localdate() - timedelta(days=1))
    for path in ("/home/", "/reviews/"):
        page = client.get(path)
        words = words_of(page)
        assert "其他待办" in words
        assert "除名待备案" in words
        assert "换届逾期的工会" in words
        assert 'href="/transfers/expulsions/"' in page.text


def test_large_figures_have_a_separator_every_three_digits(cast, client):
    Union.objects.filter(pk=cast.union.pk).update(member_count=12345)
    client.force_login(cast.platform_admin)
    assert "12,345" in words_of(client.get("/home/"))


def test_a_street_is_led_to_what_no_check_doubts(cast, client):
    waiting(cast, 2)
    waiting(cast, 1, registered=False, start=20)
    client.force_login(cast.reviewer)
    assert "核查无疑点" not in client.get("/home/").text, "nothing is checked yet"
    checking.check(checking.unchecked())
    page = client.get("/home/")
    assert page.context["no_doubts"] == 2
    assert 'href="/reviews/?no_doubts=1"' in page.text
    assert client.get("/reviews/?no_doubts=1").context["page"].total == 2
