"""「审计查询」 (SPEC 7.2)."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate
from structlog.contextvars import get_contextvars

from gonghui.audit.actions import record
from gonghui.audit.forms import EntryFilter
from gonghui.audit.middleware import RequestLogMiddleware, client_address
from gonghui.audit.models import Entry
from gonghui.audit.partitions import partitions
from gonghui.cards.orders.actions import export_order
from gonghui.imports.actions import upload_workbook
from gonghui.imports.hooks import KINDS
from gonghui.imports.job import run_batch
from gonghui.kit.documents import mask_mobile
from gonghui.members.fields import MemberValues
from gonghui.members.models import Member
from gonghui.members.register.actions import edit_member, reveal_member
from gonghui.members.register.actions import version_of as member_version
from gonghui.members.register.forms import values_of
from gonghui.members.retention.actions import retain
from gonghui.reviews.actions import decide, reveal
from gonghui.reviews.models import Review
from gonghui.transfers.departures.actions import withdraw
from gonghui.unions.levels import UnionKind
from tests.cards.stories import approved, gathered
from tests.factories import make_member, make_union
from tests.filings.stories import amended
from tests.markup import markup
from tests.transfers.stories import offered, requested
from tests.workbooks import member_row, upload

SEARCH = "/audit/"


@pytest.mark.parametrize(
    ("user", "status"),
    [("platform_admin", 200), ("district_admin", 404), ("reviewer", 404), ("officer", 404), ("claimant", 404)],
)
def test_only_the_platform_administrator_searches(client, cast, user, status):
    client.force_login(getattr(cast, user))
    assert client.get(SEARCH).status_code == status


def test_entries_are_found_by_verb_person_and_day(client, cast):
    record("review.approved", cast.union, by=cast.reviewer)
    record("review.refused", cast.union, by=cast.other_reviewer)
    client.force_login(cast.platform_admin)

    def verbs_found(**filters) -> set[str]:
        return {entry.verb for entry in client.get(SEARCH, filters).context["page"].rows}

    assert {"review.approved", "review.refused"} <= verbs_found()
    assert verbs_found(verb="review.approved") == {"review.approved"}
    assert verbs_found(actor=cast.other_reviewer.email.upper()) == {"review.refused"}
    assert verbs_found(actor=cast.other_reviewer.name) == {"review.refused"}
    assert verbs_found(until="2001-01-01") == set()


def test_entries_are_found_by_union(client, cast):
    record("review.approved", cast.union, by=cast.reviewer, union=cast.union)
    record("review.refused", cast.neighbour, by=cast.other_reviewer, union=cast.neighbour)
    client.force_login(cast.platform_admin)

    def verbs_found(text: str) -> set[str]:
        return {entry.verb for entry in client.get(SEARCH, {"union": text, "verb": ""}).context["page"].rows}

    assert (
        verbs_found("示例科技") == verbs_found(cast.union.name) == verbs_found(cast.union.number) == {"review.approved"}
    )
    assert verbs_found("邻家软件") == {"review.refused"}
    page = markup(client.get(SEARCH, {"union": "示例科技"}))
    assert f'data-label="工会">{cast.union.name}' in page
    assert f'{cast.reviewer.name}</span><br><small class="muted">{cast.reviewer.email}' in page


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ({"since": "nonsense"}, "日期请写成"),
        ({"verb": "nonsense"}, "不在选项中"),
        ({"member": "0" * 11}, "不能超过 10 个字"),
        ({"union": "没有这家工会"}, "没有找到这家工会"),
        ({"actor": "nobody@example.test"}, "没有找到这个人"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "结束日期不能早于开始日期"),
    ],
)
def test_a_wrong_filter_tells_what_is_wrong_and_finds_nothing(client, cast, filters, sentence):
    record("review.approved", cast.union, by=cast.reviewer)
    client.force_login(cast.platform_admin)
    answer = client.get(SEARCH, filters)
    assert answer.context["page"].rows == []
    assert sentence in answer.text
    assert "没有符合条件的记录" not in answer.text


def test_a_name_fragment_of_too_many_unions_asks_for_more(client, cast):
    for number in range(51):
        make_union(UnionKind.GRASSROOTS, cast.street, name=f"上海同名连锁第{number}分店工会")
    client.force_login(cast.platform_admin)
    assert "超过 50 家" in client.get(SEARCH, {"union": "同名连锁"}).text


def test_an_edit_shows_old_and_new_values_without_personal_data_in_the_audit(client, cast):
    member = make_member(cast.union)
    edited = MemberValues(**values_of(member))._replace(mobile="19911112222", education="master")
    old = member.mobile
    edit_member(member, edited, version=member_version(member), by=cast.officer)
    member.refresh_from_db()
    again = edited._replace(mobile="19933334444")
    edit_member(member, again, version=member_version(member), by=cast.officer)
    client.force_login(cast.platform_admin)
    page = client.get(SEARCH, {"member": member.number}).text
    assert f"移动电话：{mask_mobile(old)} → 199****2222" in page
    assert "移动电话：199****2222 → 199****4444" in page
    assert "学历：" in page
    assert "19911112222" not in page
    for entry in Entry.objects.filter(object_id=member.pk, verb="member.edited"):
        assert "199" not in str(entry.data)


def test_an_approved_amendment_shows_old_and_new_values_but_no_phone(client, cast):
    review = amended(cast, leader="钱新任", phone="13800001111").review
    decide(review, by=cast.reviewer, decision="approved", opinion="")
    client.force_login(cast.platform_admin)
    page = client.get(SEARCH, {"verb": "amendment.approved"}).text
    assert " → 钱新任" in page
    assert "联系电话：**** → ****（与原来不同）" in page
    assert "0001111" not in page


def test_edits_of_a_hundred_members_ask_no_more_queries_than_those_of_ten(client, cast):
    client.force_login(cast.platform_admin)
    counts = []
    for more in (10, 90):
        for _ in range(more):
            member = make_member(cast.union)
            edited = MemberValues(**values_of(member))._replace(mobile="19911112222")
            edit_member(member, edited, version=member_version(member), by=cast.officer)
        client.get(SEARCH, {"size": 100})
        with CaptureQueriesContext(connection) as captured:
            assert "→ 199****2222" in client.get(SEARCH, {"size": 100}).text
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_list_asks_as_many_queries_for_100_rows_as_for_10(client, cast):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(cast.platform_admin)
    counts = []
    for more in (10, 90):
        Entry.objects.bulk_create(
            Entry(verb="review.approved", actor=cast.reviewer, actor_label="x", union_id=cast.union.pk)
            for _ in range(more)
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
    ("proxies", "sent", "address"),
    [
        (0, "6.6.6.6", "203.0.113.9"),
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (2, "6.6.6.6, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (1, "", "203.0.113.9"),
    ],
)
def test_of_forwarded_addresses_only_those_that_our_proxies_wrote_are_believed(rf, settings, proxies, sent, address):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, proxies=proxies)
    request = rf.get("/", headers={"x-forwarded-for": sent}, REMOTE_ADDR="203.0.113.9")
    assert client_address(request) == address


def test_the_data_of_an_entry_reads_in_words(client, cast):
    record("member.exported", cast.union, by=cast.reviewer, full=True, fields=["工会职务", "联系地址"])
    client.force_login(cast.platform_admin)
    assert "完整号码：是；修改的项目：工会职务、联系地址" in client.get(SEARCH).text


def test_entries_of_a_member_are_the_looks_the_edits_and_what_became_of_requests(client, cast):
    member, other = make_member(cast.union, has_card=True), make_member(cast.union)
    reveal_member(member, by=cast.officer, purpose="查询")
    reveal_member(other, by=cast.officer, purpose="查询")
    values = MemberValues(**values_of(member))
    edit_member(member, values._replace(name="王改名"), version=member_version(member), by=cast.officer)
    reveal(Review.objects.get(kind="correction"), by=cast.reviewer)
    decide(Review.objects.get(kind="correction"), decision="approved", opinion="", by=cast.reviewer)
    asked_for = make_member(cast.union)
    export_order(gathered(cast, approved(cast, asked_for)), by=cast.platform_admin)
    requested(cast, Member.objects.get(pk=member.pk))
    batch = upload_workbook(cast.union, KINDS["members"], upload([member_row(1)]), by=cast.officer)
    run_batch(batch.pk)
    client.force_login(cast.platform_admin)

    def verbs_found(number: str) -> set[str]:
        return {entry.verb for entry in client.get(SEARCH, {"member": number, "size": 100}).context["page"].rows}

    assert verbs_found(member.number) >= {
        "member.revealed", "member.correction_submitted", "review.revealed", "review.approved", "member.corrected",
        "transfer.requested",
    }  # fmt: skip
    assert verbs_found(asked_for.number) >= {"cardbatch.submitted", "review.approved", "cardorder.exported"}
    assert verbs_found(other.number) == {"member.revealed"}
    assert {"import.uploaded", "members.imported"} <= verbs_found(batch.union.members.get(batch=batch).number)
    assert verbs_found("0000000000") == set()
    page = client.get(reverse("members:view", args=[member.pk])).text
    assert f'href="{SEARCH}?member={member.number}"' in page
    client.force_login(cast.officer)
    assert SEARCH not in client.get(reverse("members:view", args=[member.pk])).text


def test_an_act_on_several_is_found_by_each_of_them(client, cast):
    members = [make_member(cast.union) for _ in range(3)]
    retain(cast.union, [member.pk for member in members[:2]], reason="sick", on=localdate(), by=cast.officer)
    transfers = offered(cast, *members[1:])
    withdraw([transfer.pk for transfer in transfers], by=cast.officer)
    client.force_login(cast.platform_admin)

    def verbs_found(member: Member) -> set[str]:
        return {entry.verb for entry in client.get(SEARCH, {"member": member.number}).context["page"].rows}

    assert "member.retained" in verbs_found(members[0])
    assert {"member.retained", "transfer.withdrawn"} <= verbs_found(members[1])
    assert "member.retained" not in verbs_found(members[2])
    assert "transfer.withdrawn" in verbs_found(members[2])


@pytest.mark.django_db(transaction=True)
def test_each_search_is_found_by_its_index(cast):
    """Rare values are found by their own index, frequent ones by time: no filter reads the whole table."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO audit_entry (at, verb, actor_id, actor_label, object_type, object_id, label, data, request_id)
            SELECT timestamptz '2020-01-01' + n * interval '10 minutes', 'verb.' || n % 40,
                   (ARRAY[%s, %s, %s, %s]::bigint[])[1 + n %% 4], 'x', (ARRAY['members.member', 'reviews.review', ''])[1 + n %% 3],
                   n / 5, '', jsonb_build_object('members', jsonb_build_array(n)), ''
            FROM generate_series(1, 60000) n
            """.replace("n % 40", "n %% 40"),
            [cast.officer.pk, cast.reviewer.pk, cast.viewer.pk, cast.platform_admin.pk],
        )
        cursor.execute("ANALYZE audit_entry")
    member = make_member(cast.union)
    record_of = Entry(verb="member.revealed", actor=cast.officer, object_type="members.member", object_id=member.pk)
    record_of.save()
    for data, index in (
        ({"member": member.number}, "_object_at"),
        ({"member": member.number, "since": "2020-01-01"}, "_object_at"),
        ({"since": "2020-02-01", "until": "2020-02-03"}, "_at"),
        ({"until": "2020-02-03"}, "_at"),
        ({"verb": "verb.7"}, "_verb_at"),
        ({"verb": "verb.7", "until": "2020-03-01"}, "_verb_at"),
        ({"actor": cast.claimant.email}, "_actor_at"),
        ({"actor": cast.officer.email, "until": "2020-02-03"}, "_at"),
        ({"union": "示例科技"}, "_union_at"),
        ({"union": cast.union.number, "until": "2020-02-03"}, "_union_at"),
        ({"union": "有限公司"}, "_union_at"),
        ({}, "_at"),
    ):
        with_verbs = EntryFilter(data)
        with_verbs.fields["verb"].choices = [(verb, verb) for verb in ("", "verb.7")]
        rows = with_verbs.narrow(Entry.objects.all()).order_by("-at", "-id")[:51]
        plan = rows.explain()
        assert index in plan, (data, plan)
        assert ("_of_several" in plan or "data_idx" in plan) == ("member" in data), (data, plan)
        assert f"Seq Scan on {partitions()[0]}" not in plan, (data, plan)
