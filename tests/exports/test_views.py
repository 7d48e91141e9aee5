"""「名单导出」: the list, one export with its progress, approval, and calling it back (SPEC 5.5)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.exports import building
from gonghui.exports.models import Export, ExportState
from gonghui.members.queries import Filters
from tests.exports.stories import approved, asked, built, colleague, lines, pending, ready
from tests.factories import live, make_member
from tests.policies.stories import ruled

pytestmark = pytest.mark.django_db
LIST = reverse("exports:list")


def at(name: str, export: Export) -> str:
    return reverse(f"exports:{name}", args=[export.pk])


def test_the_list_asks_as_many_queries_for_100_rows_as_for_10(cast, client):
    make_member(cast.union)
    client.force_login(cast.reviewer)
    counts = []
    for more in (10, 90):
        for _ in range(more):
            built(cast.officer)
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"{LIST}?size=100").context["page"]
            assert page.total in (10, 100)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_list_is_narrowed_by_state_and_an_unknown_one_lists_nothing(cast, client):
    client.force_login(cast.reviewer)
    export = pending(cast)
    assert export.number in client.get(LIST, {"state": "pending"}).text
    assert export.number not in client.get(LIST, {"state": "ready"}).text
    assert client.get(LIST, {"state": "gone"}).status_code == 422


def test_who_decides_sees_who_what_how_many_which_columns_which_filters_and_why(cast, client):
    second = colleague(cast)
    ruled(cast, export_alone_rows=1)
    for _ in range(2):
        make_member(cast.union, name="罕见名")
    export = asked(cast.officer, q=Filters(name="罕见名").token(cast.officer))
    client.force_login(second)
    page = client.get(at("export", export)).text
    for words in ("示例经办人", "姓名：罕见名", "证件号码", "核对参保名单", "1", "批准"):
        assert words in page


def test_who_asked_is_offered_no_approval_and_an_own_one_is_refused_in_words(cast, client):
    client.force_login(cast.officer)
    export = pending(cast)
    assert 'value="approve"' not in client.get(at("export", export)).text
    page = client.post(at("decide", export), {"do": "approve", "rows": "2"})
    assert page.status_code == 422
    assert live(export).state == ExportState.PENDING


def test_a_second_person_approves_on_the_page(cast, client):
    client.force_login(colleague(cast))
    export = pending(cast)
    page = client.get(at("export", export)).text
    assert 'name="rows" value="2"' in page
    done = client.post(at("decide", export), {"do": "approve", "rows": "2"}, follow=True)
    assert "已批准" in done.text
    assert live(export).state == ExportState.BUILDING


def test_a_changed_number_of_rows_is_told_and_the_page_then_has_the_new_one(cast, client):
    client.force_login(colleague(cast))
    export = pending(cast)
    make_member(cast.union)
    page = client.post(at("decide", export), {"do": "approve", "rows": "2", "opinion": "同意"})
    assert "现在是 3 行" in page.text
    assert 'name="rows" value="3"' in page.text
    assert "同意</textarea>" in page.text, "what was typed is still there"
    client.post(at("decide", export), {"do": "approve", "rows": "3"})
    assert live(export).total == 3


@pytest.mark.parametrize(
    "sent", [{}, {"do": "approve"}, {"do": "approve", "rows": "viele"}, {"do": "approve", "rows": "9" * 40}]
)
def test_what_was_tampered_with_changes_nothing(cast, client, sent):
    client.force_login(colleague(cast))
    export = pending(cast)
    assert client.post(at("decide", export), sent).status_code in (404, 422)
    assert live(export).state == ExportState.PENDING


def test_a_refusal_without_a_reason_is_told_at_its_field(cast, client):
    client.force_login(colleague(cast))
    export = pending(cast)
    page = client.post(at("decide", export), {"do": "refuse"})
    assert page.context["decision"].errors["opinion"] == ["请填写不批准的原因，2 到 200 个字。"]
    client.post(at("decide", export), {"do": "refuse", "opinion": "范围太大"})
    client.force_login(cast.officer)
    assert "不予批准：范围太大" in client.get(at("export", export)).text


def test_the_sheet_is_fetched_by_a_button(cast, client):
    client.force_login(cast.officer)
    export = ready(cast)
    answer = client.post(at("fetch", export))
    assert export.number in answer.headers["Content-Disposition"]
    assert len(lines(b"".join(answer.streaming_content))) == 4
    assert client.get(at("export", export)).context["export"].fetched == 1


def test_another_who_sees_it_has_no_button_and_is_refused(cast, client):
    client.force_login(cast.reviewer)
    export = ready(cast)
    assert at("fetch", export) not in client.get(at("export", export)).text
    refused = client.post(at("fetch", export), headers={"HX-Request": "true"})
    assert refused.status_code == 409
    assert "只有申请导出的人可以下载" in refused.text


def test_the_progress_comes_by_itself_until_it_has_ended(cast, client):
    client.force_login(cast.officer)
    make_member(cast.union)
    export = asked(cast.officer)
    part = client.get(at("export", export), headers={"HX-Request": "true"}).text
    assert "<progress" in part
    assert "hx-trigger" in part
    assert "<html" not in part
    building.build(export.pk)
    part = client.get(at("export", export), headers={"HX-Request": "true"}).text
    assert "hx-trigger" not in part
    assert "下载 Excel" in part


def test_it_is_called_back_on_the_page_with_a_reason(cast, client):
    client.force_login(cast.reviewer)
    export = ready(cast)
    page = client.post(at("recall", export), {"reason": ""})
    assert page.context["recall"].errors["reason"] == ["请填写收回的原因，2 到 200 个字，申请人会看到。"]
    client.post(at("recall", export), {"reason": "用途不符"})
    client.force_login(cast.officer)
    page = client.get(at("export", export)).text
    assert "收回，文件已删除" in page
    assert "用途不符" in page
    assert at("fetch", export) not in page


def test_who_cannot_have_it_any_more_is_told_to_who_decides(cast, client):
    client.force_login(colleague(cast))
    export = pending(cast)
    cast.officer.is_active = False
    cast.officer.save()
    page = client.get(at("export", export)).text
    assert "现在不能批准" in page
    assert 'value="approve"' not in page


def test_a_page_of_an_approved_one_says_who_approved(cast, client):
    second = colleague(cast)
    export = approved(pending(cast), second)
    client.force_login(cast.officer)
    assert "第二经办人" in client.get(at("export", export)).text
