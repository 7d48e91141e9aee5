"""「审计查询」 (SPEC 7.2)."""

from dataclasses import replace

import pytest
from structlog.contextvars import get_contextvars

from gonghui.audit.actions import record
from gonghui.audit.middleware import RequestLogMiddleware, client_address
from gonghui.audit.models import Entry

SEARCH = "/audit/"


@pytest.mark.parametrize(
    ("who", "status"),
    [("platform_admin", 200), ("district_admin", 404), ("reviewer", 404), ("officer", 404), ("claimant", 404)],
)
def test_only_the_platform_administrator_searches(client, cast, who, status):
    client.force_login(getattr(cast, who))
    assert client.get(SEARCH).status_code == status


def test_entries_are_found_by_verb_person_and_day(client, cast):
    record("review.approved", cast.union, by=cast.reviewer)
    record("review.refused", cast.union, by=cast.other_reviewer)
    client.force_login(cast.platform_admin)

    def found(**filters) -> set[str]:
        return {entry.verb for entry in client.get(SEARCH, filters).context["page"].rows}

    assert {"review.approved", "review.refused"} <= found()
    assert found(verb="review.approved") == {"review.approved"}
    assert found(actor=cast.other_reviewer.email.upper()) == {"review.refused"}
    assert found(until="2001-01-01") == set()
    assert found(since="nonsense", verb="nonsense") == found()


def test_the_list_asks_as_many_queries_for_100_rows_as_for_10(client, cast):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(cast.platform_admin)
    counts = []
    for more in (10, 90):
        Entry.objects.bulk_create(
            Entry(verb="review.approved", actor=cast.reviewer, actor_label="x") for _ in range(more)
        )
        client.get(SEARCH, {"size": 100})
        with CaptureQueriesContext(connection) as captured:
            client.get(SEARCH, {"size": 100})
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_what_is_done_on_a_page_carries_address_and_request(client, cast):
    from django.urls import reverse

    from tests.filings.stories import submitted

    review = submitted(cast).review
    client.force_login(cast.reviewer)
    client.post(reverse("reviews:decide", args=[review.pk]), {"decision": "approved"}, REMOTE_ADDR="203.0.113.9")
    entry = Entry.objects.get(verb="review.approved", object_id=review.pk)
    assert entry.address == "203.0.113.9"
    assert len(entry.request_id) == 36


def test_the_log_has_the_audits_address_and_our_own_request_id_whatever_the_sender_says(client, db, monkeypatch):
    lines = []
    monkeypatch.setattr(RequestLogMiddleware, "format_request", lambda *_: lines.append(get_contextvars()) or "")
    forged = {"x-forwarded-for": "6.6.6.6", "x-request-id": "mine"}
    client.get("/healthz", headers=forged, REMOTE_ADDR="203.0.113.9")
    assert lines
    for line in lines:
        assert line["ip"] == "203.0.113.9"
        assert len(line["request_id"]) == 36


@pytest.mark.parametrize(
    ("proxies", "sent", "taken"),
    [
        (0, "6.6.6.6", "203.0.113.9"),
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (2, "6.6.6.6, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (1, "", "203.0.113.9"),
    ],
)
def test_of_forwarded_addresses_only_those_that_our_proxies_wrote_are_believed(rf, settings, proxies, sent, taken):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, proxies=proxies)
    request = rf.get("/", headers={"x-forwarded-for": sent}, REMOTE_ADDR="203.0.113.9")
    assert client_address(request) == taken


def test_the_data_of_an_entry_reads_in_words(client, cast):
    record("review.approved", cast.union, by=cast.reviewer, full=True, fields=["工会职务", "联系地址"])
    client.force_login(cast.platform_admin)
    assert "完整号码：是；修改的项目：工会职务、联系地址" in client.get(SEARCH).text
