"""The pages of 「会员转出审核」, 「从其他工会转入会员到本工会」 and 「转出」."""

import re
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from gonghui.audit.models import Entry
from gonghui.transfers.answers.actions import answer
from gonghui.transfers.models import Transfer, TransferState
from gonghui.transfers.overdue.actions import settle_overdue
from gonghui.transfers.queries import COUNTED, IN, OUT, address_of
from gonghui.transfers.requests import actions as requests
from gonghui.transfers.requests.sheet import NOTICES
from tests.factories import live, make_member, resident_id
from tests.filings.amendment.test_views import text
from tests.markup import markup
from tests.transfers.stories import agreed, left, offered, overdue, people_file, requested, uploaded

pytestmark = pytest.mark.django_db
LIST, ACT, BRING_IN, RELEASE = (reverse(f"transfers:{name}") for name in ("list", "act", "bring_in", "release"))


def read(client, address: str, **query) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return text(response)


def test_the_page_has_the_six_notices_the_template_and_the_history(client, cast):
    client.force_login(cast.neighbour_officer)
    page = read(client, BRING_IN)
    assert all(notice in page for notice in NOTICES)
    assert "点击下载Excel文件模板" in page
    assert "未查询到导入记录" in page


def test_the_template_has_two_columns_as_text(client):
    book = load_workbook(BytesIO(b"".join(client.get(reverse("transfers:template")).streaming_content)))
    sheet = book["转入会员"]
    assert [cell.value for cell in sheet[1]] == ["姓名*", "证件号码*"]
    assert sheet.column_dimensions["B"].number_format == "@" or sheet["B2"].number_format == "@"


def test_an_upload_lists_its_results_and_exports_them(client, cast):
    member = make_member(cast.union, name="张示例")
    client.force_login(cast.neighbour_officer)
    rows = [("张示例", member.document_number), ("无此人", resident_id(777))]
    page = client.post(BRING_IN, {"file": people_file(rows)}, follow=True)
    assert "共 2 行：1 人已申请，1 行未转入（没有匹配的会员 1 行）。" in text(page)
    assert [message.level_tag for message in page.context["messages"]] == ["warning"]
    assert "已提交转入申请" in text(page)
    assert "没有匹配的会员" in text(page)
    assert member.document_number not in text(page)
    upload = Transfer.objects.get().upload
    assert (
        "没有匹配的会员"
        not in read(client, reverse("transfers:upload", args=[upload.pk]), state="requested").split("<table")[1]
    )
    exported = client.post(reverse("transfers:export", args=[upload.pk]))
    lines = list(load_workbook(BytesIO(b"".join(exported.streaming_content))).active.values)
    assert [line[3] for line in lines[1:]] == ["已提交转入申请", "没有匹配的会员"]
    assert lines[1][2] == member.document_number
    assert Entry.objects.filter(verb="transfer.results_exported").exists()


def test_the_results_tell_where_each_request_stands_now(client, cast):
    sent = uploaded(cast, make_member(cast.union))
    client.force_login(cast.officer)
    client.post(ACT, {"transfer": Transfer.objects.get().pk, "act": "refuse", "opinion": "仍在职"})
    client.force_login(cast.neighbour_officer)
    assert "未同意：仍在职" in read(client, reverse("transfers:upload", args=[sent.pk]))


def test_nothing_but_what_was_asked_for_is_a_success(client, cast):
    client.force_login(cast.neighbour_officer)
    elsewhere, free = make_member(cast.union), make_member(None)
    page = client.post(
        BRING_IN,
        {"file": people_file([(member.name, member.document_number) for member in (elsewhere, free)])},
        follow=True,
    )
    assert "共 2 行：1 人已申请，1 人已转入。" in text(page)
    assert [message.level_tag for message in page.context["messages"]] == ["success"]


def test_every_row_stands_in_one_group_of_the_history(client, cast):
    """Whatever became of the rows: the sums of the history are the rows of the file."""
    mine, requested_member, coming = make_member(cast.neighbour), make_member(cast.far), make_member(cast.union)
    requested(cast, requested_member)
    offered(cast, coming)
    others = [("无此人", resident_id(777)), ("无此人", resident_id(777)), ("x", "310"), ("张示例", "")]
    uploaded(cast, mine, requested_member, coming, make_member(cast.union), make_member(None), more=others)
    client.force_login(cast.neighbour_officer)
    (summary,) = re.findall(r'data-label="导入结果">([^<]+)<', read(client, BRING_IN))
    done, left = summary.split("未转入（")
    assert sum(map(int, re.findall(r"\d+", done))) == 9
    assert sum(map(int, re.findall(r"\d+", left))) == int(re.findall(r"\d+", done)[-1]) == 7


def test_a_bad_workbook_is_told_beside_the_file(client, cast):
    client.force_login(cast.neighbour_officer)
    answer = client.post(BRING_IN, {"file": people_file([])})
    assert answer.status_code == 422
    assert "没有数据" in text(answer)


def test_one_person_by_name_and_number(client, cast):
    member = make_member(cast.union, name="张示例")
    client.force_login(cast.neighbour_officer)
    address = reverse("transfers:bring_in_one")
    page = client.post(address, {"name": "张示例", "number": member.document_number}, follow=True)
    assert "已提交张示例的转入申请" in text(page)
    assert cast.union.name not in text(page)  # nothing of the other union before it agrees
    wrong = [
        client.post(address, {"name": "李示例", "number": number})
        for number in (member.document_number, resident_id(778))
    ]
    assert [answer.status_code for answer in wrong] == [422, 422]
    numbers = (member.document_number, resident_id(778))
    stripped = [
        re.sub(r'[A-Za-z0-9]{64}|data-printed>[^<]*<|data-(idle|whole)="\d+"', "", text(response)).replace(number, "")
        for response, number in zip(wrong, numbers, strict=True)
    ]
    assert stripped[0] == stripped[1]


def test_nothing_of_the_other_union_is_told_before_it_agrees(client, cast):
    member = make_member(cast.union)
    transfer = requested(cast, member)
    client.force_login(cast.neighbour_officer)
    pages = (address_of("asked"), reverse("transfers:view", args=[transfer.pk]))
    for address in pages:
        assert cast.union.name not in read(client, address)
    agreed(transfer, by=cast.officer)
    for address in pages:
        assert cast.union.name in read(client, address)


def test_a_refusal_does_not_tell_who_refused(client, cast):
    transfer = requested(cast, make_member(cast.union))
    client.force_login(cast.officer)
    client.post(ACT, {"transfer": transfer.pk, "act": "refuse", "opinion": "仍在职"})
    client.force_login(cast.neighbour_officer)
    page = read(client, reverse("transfers:view", args=[transfer.pk]))
    assert "仍在职" in page
    assert cast.officer.name not in page
    assert cast.union.name not in page


def test_the_union_that_is_asked_answers_several(client, cast):
    members = [make_member(cast.union) for _ in range(3)]
    ids = [requested(cast, member).pk for member in members]
    client.force_login(cast.officer)
    assert f"{cast.neighbour.name}" in read(client, LIST)
    page = client.post(ACT, {"transfer": ids[:2], "act": "agree", "tab": "waiting"}, follow=True)
    assert "已同意 2 名会员转移" in text(page)
    assert [live(member).union == cast.neighbour for member in members] == [True, True, False]
    assert client.post(ACT, {"transfer": ids, "act": "nonsense"}).status_code == 404
    assert client.post(ACT, {"transfer": ids[2], "act": "agree", "tab": "x"}, follow=True).status_code == 200


def test_ticked_members_leave_or_are_offered(client, cast):
    member, other = make_member(cast.union), make_member(cast.union)
    client.force_login(cast.officer)
    page = client.post(RELEASE, {"member": [member.pk, other.pk]})
    assert page.status_code == 200
    assert "共 2 人" in text(page).replace('<span class="num">', "").replace("</span>", "")
    wrong = client.post(RELEASE, {"member": member.pk, "way": "offer", "to": ""})
    assert wrong.status_code == 422
    unseen = client.post(RELEASE, {"member": member.pk, "way": "offer", "to": cast.neighbour.number})
    assert "请核对名称和所属上级" in text(unseen)
    assert not Transfer.objects.exists()
    sent = {"member": member.pk, "way": "offer", "to": cast.neighbour.number, "seen": cast.neighbour.pk}
    assert f"已把 1 名会员转给{cast.neighbour.name}" in text(client.post(RELEASE, sent, follow=True))
    assert "1 名会员已转出" in text(
        client.post(RELEASE, {"member": other.pk, "way": "leave", "reason": "retired"}, follow=True)
    )
    assert live(other).union is None


def test_a_thousand_ticks_fit_into_one_form(client, cast):
    member = make_member(cast.union)
    client.force_login(cast.officer)
    ids = [member.pk, *range(10**9, 10**9 + 999)]
    sent = client.post(RELEASE, {"member": ids, "way": "leave", "reason": "left", "note": "外派"}, follow=True)
    assert "1 名会员已转出" in text(sent)


def test_without_ticks_the_list_says_what_to_do(client, cast):
    client.force_login(cast.officer)
    assert "请先在会员列表中勾选" in text(client.post(RELEASE, follow=True))


def test_a_departure_is_undone_from_its_page(client, cast):
    (transfer,) = left(cast, make_member(cast.union))
    client.force_login(cast.officer)
    assert "撤销转出" in read(client, reverse("transfers:view", args=[transfer.pk]))
    page = client.post(ACT, {"transfer": transfer.pk, "one": transfer.pk, "act": "undo"}, follow=True)
    assert "会员已回到本工会" in text(page)
    assert live(transfer).state == TransferState.UNDONE


def test_a_union_that_is_typed_is_shown_for_a_look(client, cast):
    client.force_login(cast.officer)
    assert cast.neighbour.name in read(client, reverse("transfers:target"), to=cast.neighbour.number)
    assert "没有找到" in read(client, reverse("transfers:target"), to="无此工会")
    assert "请填写另一家工会" in read(client, reverse("transfers:target"), to=cast.union.number)


def test_an_unknown_tab_is_not_there(client, cast):
    client.force_login(cast.officer)
    assert client.get(LIST, {"tab": "nonsense"}).status_code == 404
    for tab in (*OUT, *IN):
        assert f'aria-current="page">{ {**OUT, **IN}[tab] }' in markup(client.get(address_of(tab)))


def test_where_what_comes_in_stood_before_leads_to_where_it_stands(client, cast):
    """Notices of before and people's bookmarks lead there."""
    client.force_login(cast.officer)
    for tab in IN:
        assert client.get(LIST, {"tab": tab}, follow=True).redirect_chain[-1][0] == address_of(tab)
    assert client.get(reverse("transfers:incoming"), {"tab": "waiting"}).status_code == 404


@pytest.mark.parametrize("tab", COUNTED)
def test_a_count_on_a_tab_is_that_of_its_rows(client, cast, tab):
    """What has fallen to the superior stands among them."""
    members = [make_member(cast.union) for _ in range(3)]
    if tab == "waiting":
        overdue(*[requested(cast, member) for member in members[:1]])
        settle_overdue()
        for member in members[1:]:
            requested(cast, member)
        client.force_login(cast.officer)
    else:
        offered(cast, *members)
        client.force_login(cast.neighbour_officer)
    page = client.get(address_of(tab))
    assert len(page.context["rows"]) == 3
    assert f"{ {**OUT, **IN}[tab] }（3）" in text(page)


@pytest.mark.parametrize("tab", [*OUT, *IN, "uploads", "lines"])
def test_the_lists_ask_as_many_queries_for_100_rows_as_for_10(client, cast, tab, monkeypatch):
    monkeypatch.setattr(requests, "UPLOADS_A_DAY", 1000)
    client.force_login(cast.neighbour_officer if tab in {*IN, "uploads", "lines"} else cast.officer)
    counts = []
    for size in (10, 100):
        members = [make_member(cast.union) for _ in range(size)]
        if tab in {"waiting", "asked", "done"}:
            waiting = [requested(cast, member) for member in members]
            if tab == "done":
                answer([transfer.pk for transfer in waiting], agree=False, opinion="仍在职", by=cast.officer)
        elif tab in {"offered", "received"}:
            offers = offered(cast, *members)
            if tab == "received":
                answer([offer.pk for offer in offers], agree=True, opinion="", by=cast.neighbour_officer)
        elif tab == "out":
            left(cast, *members)
        else:
            sent = [uploaded(cast, member) for member in members] if tab == "uploads" else [uploaded(cast, *members)]
        address = {"uploads": BRING_IN, "lines": ""}.get(tab, address_of(tab)) or reverse(
            "transfers:upload", args=[sent[-1].pk]
        )
        client.get(address)  # the session's own upkeep is done
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address, {**({"tab": tab} if "tab=" in address else {}), "size": size})
        counts.append(len(queries))
        assert len(page.context["page"].rows) == size
    assert counts[0] == counts[1]
