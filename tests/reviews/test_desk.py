"""The desk at hundreds of filings: counts, neighbours, several at once, what waits below, export (SPEC 5.1, 5.2)."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.reviews.actions import decide
from gonghui.reviews.bulk import decide_several
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.kinds import Change, ReviewKind
from gonghui.reviews.models import Review, ReviewPart, ReviewState, Step
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union
from tests.factories import make_union, make_user
from tests.people import Cast
from tests.reviews.test_bulk import taken
from tests.reviews.test_views import waiting

DESK, BELOW, EXPORT = "/reviews/", "/reviews/below/", "/reviews/export/"


class TwoSteps(ReviewKind):
    """A request that two superiors decide, as a relocation does."""

    code = "two_steps"
    label = "示例转移"

    def changes(self, review: Review) -> list[Change]:
        return []

    def on_approved(self, review: Review, step: Step, *, by) -> None:
        """Nothing hangs on it."""

    def on_refused(self, review: Review, step: Step, *, by) -> None:
        """Nothing hangs on it."""


@pytest.fixture
def two_steps(cast, monkeypatch) -> Review:
    """One that waits for the street as both of its sides."""
    monkeypatch.setitem(KINDS, TwoSteps.code, TwoSteps())
    review = Review.objects.create(kind="two_steps", union=cast.union, title="两方审核", submitted_by=cast.officer)
    for part in (ReviewPart.RELEASING, ReviewPart.RECEIVING):
        Step.objects.create(review=review, part=part, superior=cast.street)
    return review


def made_days_ago(review: Review, days: int) -> None:
    Review.objects.filter(pk=review.pk).update(submitted_at=timezone.now() - timedelta(days=days))


def bulk(cast: Cast, count: int, superior: Union | None = None) -> list[Step]:
    """So many filings that wait, by the shortest way."""
    unions = [make_union(UnionKind.GRASSROOTS, None) for _ in range(count)]
    reviews = Review.objects.bulk_create(
        Review(kind="filing", union=union, title=union.name, submitted_by=cast.newcomer) for union in unions
    )
    return Step.objects.bulk_create(Step(review=review, superior=superior or cast.street) for review in reviews)


# Filters and counts


def test_kinds_and_lateness_are_filters_with_their_counts(client, cast, two_steps):
    first, *_ = waiting(cast, 3)
    made_days_ago(first, 6)
    client.force_login(cast.reviewer)
    page = client.get(DESK)
    found = {chip["label"]: (chip["count"], chip["on"]) for chip in page.context["chips"]}
    kinds = {"全部": (5, True), "工会填报": (3, False), "示例转移": (2, False)}
    assert found == kinds | {"核查无疑点": (0, False), "等待 5 天以上": (1, False)}
    late = client.get(f"{DESK}?late=1").context["page"].rows
    assert [step.review for step in late] == [first]
    kind = client.get(f"{DESK}?kind=two_steps&q=两方")
    assert [step.part for step in kind.context["page"].rows] == [ReviewPart.RELEASING, ReviewPart.RECEIVING]
    assert {chip["label"]: chip["count"] for chip in kind.context["chips"]}["全部"] == 2
    assert "q=%E4%B8%A4%E6%96%B9" in kind.context["chips"][0]["query"]


def test_decided_ones_are_found_by_result_person_and_day(client, cast):
    first, second, third = waiting(cast, 3)
    colleague = make_user(cast.street, Role.REVIEWER, name="王敏")
    decide(second, decision="approved", opinion="", by=cast.reviewer)
    decide(third, decision="refused", opinion="地址不详", by=colleague)
    decide(first, decision="approved", opinion="", by=cast.reviewer)
    Step.objects.filter(review=second).update(decided_at=timezone.now() - timedelta(days=3))
    client.force_login(cast.viewer)

    def found(**query) -> list[Review]:
        page = client.get(DESK, {"tab": "done", **query})
        return [step.review for step in page.context["page"].rows]

    assert found() == [first, third, second], "the newest decision first"
    assert found(decision="refused") == [third]
    assert found(reviewer=cast.reviewer.pk) == [first, second]
    today = timezone.localdate()
    assert found(since=today.isoformat()) == [first, third]
    assert found(until=(today - timedelta(days=1)).isoformat()) == [second]
    assert found(since="nonsense", decision="maybe", reviewer="²") == []
    assert found(reviewer=cast.other_reviewer.pk) == [], "nobody of this desk"


def test_decided_ones_are_paged_by_the_time_of_their_decision(client, cast):
    steps = bulk(cast, 45)
    now = timezone.now()
    for number, step in enumerate(steps):  # in an order of its own, and two at the same moment
        at = now - timedelta(minutes=(number * 7) % 44)
        Step.objects.filter(pk=step.pk).update(open=False, decision="approved", reviewer=cast.reviewer, decided_at=at)
    client.force_login(cast.reviewer)
    everything = list(Step.objects.filter(pk__in=[step.pk for step in steps]).order_by("-decided_at", "-pk"))
    page = client.get(DESK, {"tab": "done", "size": 10}).context["page"]
    for number in (3, 5, 4, 2, 1):
        link = next(link for link in page.links if link.number == number)
        page = client.get(DESK + link.address).context["page"]
        assert list(page.rows) == everything[(number - 1) * 10 : number * 10], number
    assert client.get(DESK, {"tab": "done", "page": "2", "near": f"2:{10**18}.5"}).status_code == 200
    assert client.get(DESK, {"tab": "done", "page": "2", "near": "2:-5.5"}).status_code == 200


# The way through the list


def test_position_and_neighbours_stand_on_the_page_under_the_filters(client, cast):
    reviews = waiting(cast, 4)
    client.force_login(cast.viewer)
    page = client.get(reverse("reviews:review", args=[reviews[1].pk]))
    assert '第 <b class="num">2</b> 件，共 <b class="num">4</b> 件' in page.text
    place = page.context["place"]
    assert (place.previous.review, place.following.review) == (reviews[0], reviews[2])
    made_days_ago(reviews[1], 9)
    made_days_ago(reviews[3], 9)
    page = client.get(reverse("reviews:review", args=[reviews[1].pk]) + "?late=1")
    place = page.context["place"]
    assert (place.number, place.total, place.previous, place.following.review) == (1, 2, None, reviews[3])
    assert "late=1&amp;step=" in page.text


def test_each_of_two_steps_has_its_row_its_place_and_its_decision(client, cast, two_steps):
    client.force_login(cast.reviewer)
    releasing, receiving = client.get(DESK).context["page"].rows
    assert (releasing.kind_label, receiving.kind_label) == ("示例转移（转出方上级）", "示例转移（转入方上级）")
    address = reverse("reviews:review", args=[two_steps.pk])
    page = client.get(f"{address}?step={receiving.pk}")
    assert (page.context["own"], page.context["place"].number) == (receiving, 2)
    assert "审核（转入方上级）" in page.text
    assert client.get(f"{address}?step=²").context["own"] == releasing
    data = {"decision": "approved", "step": receiving.pk}
    answer = client.post(reverse("reviews:decide", args=[two_steps.pk]), data, follow=True)
    assert "还要等另一方的上级工会审核" in answer.text
    assert answer.context["own"] == releasing, "the other step follows"
    receiving.refresh_from_db()
    assert receiving.decision == "approved"
    client.post(reverse("reviews:decide", args=[two_steps.pk]), {"decision": "approved", "step": releasing.pk})
    two_steps.refresh_from_db()
    assert two_steps.state == ReviewState.APPROVED


def test_ticked_steps_are_decided_by_themselves(cast, two_steps):
    releasing, receiving = two_steps.steps.order_by("pk")
    assert taken(decide_several([receiving.pk], decision="approved", opinion="", by=cast.reviewer)).done == 1
    releasing.refresh_from_db()
    assert releasing.open


# What waits below


def test_superiors_see_what_waits_below_the_slowest_first(client, cast):
    old = bulk(cast, 2)[0].review
    made_days_ago(old, 11)
    bulk(cast, 3, cast.other_street)
    bulk(cast, 1, cast.company)
    for who, names in (
        ("district_admin", ["五角场镇工会", "新江湾城街道工会"]),
        ("platform_admin", ["五角场镇工会", "新江湾城街道工会", "示例电气集团工会"]),
        ("bureau_admin", ["示例电气集团工会"]),
    ):
        client.force_login(getattr(cast, who))
        page = client.get(BELOW)
        assert [row["name"] for row in page.context["page"].rows] == names
    client.force_login(cast.district_admin)
    page = client.get(BELOW)
    first = page.context["page"].rows[0]
    assert (first["waiting"], first["late"], first["very_late"], first["days"]) == (2, 1, 1, 11)
    assert page.context["totals"] == {"waiting": 5, "late": 1, "very_late": 1}


def test_below_the_longest_waiting_is_first_and_the_city_has_it_by_district(client, cast):
    made_days_ago(bulk(cast, 1, cast.company)[0].review, 9)
    for days, superior in ((11, cast.street), (7, cast.other_street)):
        made_days_ago(bulk(cast, 1, superior)[0].review, days)
    bulk(cast, 4, cast.other_street)
    client.force_login(cast.platform_admin)
    page = client.get(BELOW)
    rows = page.context["page"].rows
    assert [row["superior"] for row in rows] == [cast.street.pk, cast.other_street.pk, cast.company.pk]
    assert [row["branch"] for row in rows] == [cast.district.name, cast.district.name, cast.bureau.name]
    assert page.text.count('scope="rowgroup"') == 2
    client.force_login(cast.district_admin)
    assert 'scope="rowgroup"' not in client.get(BELOW).text


def test_the_list_of_one_union_below_is_read_only(client, cast):
    review = waiting(cast, 1)[0]
    client.force_login(cast.district_admin)
    page = client.get(f"{BELOW}{cast.street.pk}/")
    assert [step.review for step in page.context["page"].rows] == [review]
    assert 'type="checkbox"' not in page.text
    page = client.get(reverse("reviews:review", args=[review.pk]))
    assert page.status_code == 200
    assert "id_opinion" not in page.text
    assert "工会页面" not in page.text, "it has no superior yet: the page is not in scope"
    answer = client.post(reverse("reviews:decide", args=[review.pk]), {"decision": "approved"})
    assert (answer.status_code, "不由您所在的工会审核" in answer.text) == (409, True)


@pytest.mark.parametrize(
    ("who", "status", "of_street"),
    [("district_admin", 200, 200), ("bureau_admin", 200, 404), ("reviewer", 404, 404), ("officer", 404, 404)],
)
def test_who_sees_what_waits_below(client, cast, who, status, of_street):
    client.force_login(getattr(cast, who))
    assert client.get(BELOW).status_code == status
    assert client.get(f"{BELOW}{cast.street.pk}/").status_code == of_street


def test_the_lists_below_ask_as_many_queries_for_100_rows_as_for_10(client, cast):
    client.force_login(cast.platform_admin)
    counts = {BELOW: [], f"{BELOW}{cast.street.pk}/": []}
    for more in (10, 90):
        bulk(cast, more)
        for number in range(more):
            bulk(cast, 1, make_union(UnionKind.STREET, cast.district, name=f"街道{more}-{number}"))
        for address, query_counts in counts.items():
            client.get(address, {"size": 100})
            with CaptureQueriesContext(connection) as captured:
                page = client.get(address, {"size": 100})
            query_counts.append(len(captured))
            assert len(page.context["page"].rows) == (100 if more == 90 else len(page.context["page"].rows))
    assert all(few == many for few, many in counts.values()), counts


# Export


def sheet(answer) -> list[tuple]:
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    return list(book.active.iter_rows(values_only=True))


def test_the_export_holds_the_list_under_its_filters_and_is_recorded(client, cast):
    first, second = waiting(cast, 2)
    made_days_ago(second, 8)
    client.force_login(cast.viewer)
    rows = sheet(client.post(f"{EXPORT}?late=1"))
    assert rows[0][:3] == ("单位", "事项", "类型")
    assert [(row[0], row[2], row[-1]) for row in rows[1:]] == [(second.title, "工会填报", "8")]
    decide(first, decision="refused", opinion="请补地址", by=cast.reviewer)
    rows = sheet(client.post(f"{EXPORT}?tab=done"))
    assert (rows[1][0], rows[1][8:11]) == (first.title, ("退回", "请补地址", "五角场镇审核人"))
    entries = Entry.objects.filter(verb="review.exported", actor=cast.viewer).order_by("pk")
    assert [entry.data for entry in entries] == [
        {"count": 1, "list": "待审核清单"},
        {"count": 1, "list": "已审核清单"},
    ]


def test_what_waits_below_is_exported_by_its_superiors(client, cast):
    bulk(cast, 2)
    bulk(cast, 1, cast.company)
    client.force_login(cast.district_admin)
    assert len(sheet(client.post(f"{EXPORT}?tab=below"))) == 3
    assert len(sheet(client.post(f"{EXPORT}?tab=below&union={cast.street.pk}"))) == 3
    assert client.post(f"{EXPORT}?tab=below&union={cast.company.pk}").status_code == 404


def test_an_empty_export_and_one_by_an_officer_are_refused(client, cast):
    client.force_login(cast.reviewer)
    assert "没有可以导出的申请" in client.post(EXPORT).text
    client.force_login(cast.officer)
    assert client.post(EXPORT).status_code == 404
    assert not Entry.objects.filter(verb="review.exported").exists()
