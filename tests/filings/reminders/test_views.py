"""「到期提醒」: the list of unions past a day or near it, its filters, 「催办」 and export; the way in and out (SPEC 2.7)."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from gonghui.filings.deadlines import DEADLINES
from gonghui.filings.models import Reminder
from gonghui.portal.worklist import waiting
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union
from tests.factories import make_union, make_unions, make_user, new_union
from tests.filings.reminders.test_actions import due
from tests.filings.stories import amended
from tests.policies.stories import ruled

pytestmark = pytest.mark.django_db
REELECTION, CERTIFICATE = DEADLINES["reelection"], DEADLINES["certificate"]
LIST = "/filings/deadlines/"


@pytest.fixture
def four(cast) -> dict[str, Union]:
    """One union of each list, below two streets."""
    late = due_(cast.union, REELECTION, -10)
    return {
        "reelection-overdue": late,
        "reelection-soon": due_(cast.neighbour, REELECTION, 100),
        "certificate-overdue": due_(make_union(UnionKind.GRASSROOTS, cast.street), CERTIFICATE, -1),
        "certificate-soon": due_(make_union(UnionKind.GRASSROOTS, cast.street), CERTIFICATE, 60),
    }


def due_(union: Union, deadline, days: int) -> Union:
    due(union, deadline, days)
    return union


def rows(client, **query: str) -> list[Union]:
    return client.get(LIST, query).context["page"].rows


def test_each_list_holds_its_unions(cast, client, four):
    client.force_login(cast.district_admin)
    for which, union in four.items():
        assert rows(client, which=which) == [union]
    page = client.get(LIST)
    assert page.context["choice"] == "reelection-overdue"
    assert [count for _, _, count in page.context["tabs"]] == [1, 1, 1, 1]
    assert "逾期 10 天" in page.text


def test_the_search_of_unions_offers_the_same(cast, client, four):
    client.force_login(cast.district_admin)
    for which, union in four.items():
        assert list(client.get("/unions/", {"due": which}).context["page"].rows) == [union]


@pytest.mark.parametrize("which", ["reelection-soon", "certificate-overdue"])
def test_today_is_near_and_not_past(cast, client, which):
    deadline = DEADLINES[which.partition("-")[0]]
    due(cast.union, deadline, 0)
    client.force_login(cast.reviewer)
    assert rows(client, which=which) == ([cast.union] if which.endswith("soon") else [])


def test_one_sees_what_is_below(cast, client, four):
    client.force_login(cast.company_reviewer)
    assert rows(client) == []
    assert "没有这样的工会" in client.get(LIST).text
    client.force_login(cast.officer)
    assert client.get(LIST).status_code == 404


def test_the_list_is_narrowed_by_name_and_superior(cast, client):
    for union in (cast.union, cast.neighbour, cast.far):
        due(union, REELECTION, -5)
    client.force_login(cast.platform_admin)
    assert len(rows(client)) == 3
    assert rows(client, q="邻家") == [cast.neighbour]
    assert set(rows(client, superior=str(cast.district.pk))) == {cast.union, cast.neighbour}
    client.force_login(cast.district_admin)
    assert client.get(LIST, {"superior": str(cast.bureau.pk)}).status_code == 422


def test_pages_follow_the_day_and_cost_the_same(cast, client):
    unions = make_unions([new_union(UnionKind.GRASSROOTS, cast.street) for _ in range(25)])
    for days, union in enumerate(unions, start=1):
        due(union, REELECTION, -days)
    client.force_login(cast.reviewer)
    first = client.get(LIST, {"size": 10}).context["page"]
    assert list(first.rows) == unions[:14:-1]
    seen = list(first.rows)
    for number in (2, 3):
        link = next(link for link in first.links if link.number == number)
        with CaptureQueriesContext(connection) as queries:
            first = client.get(LIST + link.address).context["page"]
        assert len(queries) <= 16
        seen += first.rows
    assert seen == unions[::-1]
    assert list(client.get(LIST, {"size": 10, "sort": "-due"}).context["page"].rows) == unions[:10]


@pytest.mark.parametrize("near", ["1:0.1", "1:99999999999.1", "1:-5.1"])
def test_a_mistyped_key_is_no_error(cast, client, near):
    due(cast.union, REELECTION, -5)
    client.force_login(cast.reviewer)
    assert client.get(LIST, {"near": near}).status_code == 200


def test_ticked_ones_are_reminded(cast, client, four):
    client.force_login(cast.reviewer)
    answer = client.post("/filings/deadlines/remind/", {"which": "reelection-overdue", "union": [cast.union.pk]})
    assert answer.status_code == 302
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "已催办 1 家工会，经办人会收到通知和邮件。"
    ]
    assert Reminder.objects.get().sent_by == cast.reviewer
    page = client.get(LIST)
    assert page.context["page"].rows[0].reminded_on == localdate()
    assert "disabled" in page.text


def test_all_that_the_list_finds_are_reminded_and_no_others(cast, client):
    for union in (cast.union, cast.neighbour):
        due(union, REELECTION, -5)
    client.force_login(cast.district_admin)
    client.post("/filings/deadlines/remind/", {"which": "reelection-overdue", "q": "邻家", "all": "1"})
    assert [reminder.union for reminder in Reminder.objects.all()] == [cast.neighbour]


def test_a_viewer_only_reads(cast, client, four):
    client.force_login(cast.viewer)
    assert "催办所选" not in client.get(LIST).text
    data = urlencode({"which": "reelection-overdue", "all": "1"})
    answer = client.post("/filings/deadlines/remind/", data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 409
    assert not Reminder.objects.exists()


def test_the_export_has_its_name(cast, client, four):
    client.force_login(cast.district_admin)
    answer = client.post("/filings/deadlines/export/", {"which": "certificate-soon"})
    assert answer.getvalue().startswith(b"PK")
    assert ".xlsx" in answer["Content-Disposition"]


# What waits for whom


def labels(user) -> dict[str, int]:
    return {line.item.label: line.count for line in waiting(user).work}


@pytest.mark.parametrize("code", DEADLINES)
def test_what_is_near_waits_for_the_officer(cast, client, code):
    deadline = DEADLINES[code]
    soon = deadline.stages()[0]
    due(cast.union, deadline, soon + 1)
    assert labels(cast.officer) == {}
    for days in (soon, 0, -5):
        day = due(cast.union, deadline, days)
        (line,) = waiting(cast.officer).work
        assert (line.item.label, line.due, line.overdue) == (f"{deadline.label}待办理", day, int(days < 0))
    client.force_login(cast.officer)
    page = client.get("/home/").text
    assert 'href="/filings/amend/"' in page
    assert "1 项已超期" in " ".join(page.split())


def test_from_when_on_it_is_near_the_city_sets(cast, client, four):
    """In the lists, the figures and the desks alike, at once."""
    officer = cast.neighbour_officer
    assert labels(officer) == {"换届待办理": 1}
    ruled(cast, reelection_days=99, certificate_days=59)
    client.force_login(cast.district_admin)
    page = client.get(LIST)
    assert [count for _, _, count in page.context["tabs"]] == [1, 0, 1, 0]
    assert rows(client, which="reelection-soon") == rows(client, which="certificate-soon") == []
    assert labels(officer) == {}
    ruled(cast, reelection_days=100)
    assert rows(client, which="reelection-soon") == [four["reelection-soon"]]
    assert labels(officer) == {"换届待办理": 1}


def test_what_the_officer_has_asked_for_no_longer_waits(cast):
    due(cast.union, REELECTION, 20)
    amended(cast)
    assert labels(cast.officer) == {}


def test_what_is_past_waits_for_the_street_alone(cast, four):
    assert labels(cast.reviewer) == {"换届逾期的工会": 1, "证书逾期的工会": 1}
    assert labels(cast.district_admin) == labels(cast.platform_admin) == {}
    assert [line.item.mine for line in waiting(cast.viewer).work] == [False, False]


def test_a_mail_of_the_night_names_the_day(cast):
    from gonghui.filings.reminders.actions import remind_due

    make_user(cast.neighbour)
    due(cast.neighbour, REELECTION, 30)
    remind_due()
    day = localdate() + timedelta(days=30)
    notice = cast.neighbour_officer.notices.get()
    assert notice.title == f"换届日期 {day}，还有 30 天"
