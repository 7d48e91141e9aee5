"""「工作通知」: drafted, looked at, sent, followed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.circulars.models import Circular, CircularState, Receipt
from gonghui.circulars.receipts.actions import confirm
from tests.circulars.stories import WORDS, drafted, sent
from tests.factories import live
from tests.states import out_of_order

pytestmark = pytest.mark.django_db
FILLED = {"title": WORDS["title"], "body": WORDS["body"], "depth": "4"}


def words(response) -> str:
    return " ".join(response.text.split())


def test_a_district_drafts_looks_and_sends_by_its_pages(client, cast):
    client.force_login(cast.district_admin)
    assert "还没有发过工作通知" in client.get(reverse("circulars:sent")).text
    page = client.post(reverse("circulars:create"), FILLED | {"branches": [cast.street.pk]}, follow=True)
    assert "发送给 2 家工会" in words(page)
    assert '<a href="https://example.com/xialiang"' in page.text
    draft = Circular.objects.get()
    client.post(reverse("circulars:edit", args=[draft.pk]), FILLED | {"version": 1})
    assert "发送给 4 家工会" in words(client.get(reverse("circulars:circular", args=[draft.pk])))
    act = reverse("circulars:act", args=[draft.pk])
    page = client.post(act, {"do": "send", "version": "2"}, follow=True)
    assert "已开始发送，共 4 家工会。" in page.text
    again = client.post(act, {"do": "send", "version": "2"})
    assert again.status_code == 409
    assert "已由区总管理员发送" in again.text, "a double click"


def test_what_was_typed_is_still_there_after_a_refusal(client, cast):
    client.force_login(cast.district_admin)
    page = client.post(reverse("circulars:create"), FILLED | {"due_on": str(localdate())})
    assert page.status_code == 422
    assert "请勾选“需要签收”" in page.text
    assert WORDS["title"] in page.text


def test_the_union_reads_and_confirms_and_the_sender_sees_who(client, cast):
    circular = sent(cast, confirm=True)
    client.force_login(cast.officer)
    assert WORDS["title"] in client.get(reverse("circulars:received")).text
    page = client.get(reverse("circulars:circular", args=[circular.pk]))
    assert "夏" in page.text
    assert "逐家查看" not in page.text
    page = client.post(reverse("circulars:confirm", args=[circular.pk]), follow=True)
    assert "示例经办人于" in words(page)
    client.force_login(cast.district_admin)
    rows = words(client.get(reverse("circulars:receipts", args=[circular.pk]), {"state": "confirmed"}))
    assert "上海示例科技有限公司工会" in rows
    assert "上海邻家软件有限公司工会" not in rows
    rows = words(client.get(reverse("circulars:receipts", args=[circular.pk]), {"branch": cast.other_street.pk}))
    assert "上海邻家软件有限公司工会" in rows
    assert "上海示例科技有限公司工会" not in rows


def test_a_street_sees_its_part_of_a_citys_circular_and_no_other(client, cast):
    circular = sent(cast, cast.city, cast.platform_admin)
    client.force_login(cast.reviewer)
    rows = words(client.get(reverse("circulars:receipts", args=[circular.pk])))
    assert "上海示例科技有限公司工会" in rows
    assert "上海邻家软件有限公司工会" not in rows
    assert rows.count('data-label="工会名称"') == 2  # the street itself, and the union below it


def test_who_did_not_get_it_does_not_find_it(client, cast):
    circular = sent(cast)
    for who in (cast.far_officer, cast.bureau_admin, cast.newcomer):
        client.force_login(who)
        assert client.get(reverse("circulars:circular", args=[circular.pk])).status_code == 404
        assert client.post(reverse("circulars:confirm", args=[circular.pk])).status_code == 404
    draft = drafted(cast)
    client.force_login(cast.officer)
    assert client.get(reverse("circulars:circular", args=[draft.pk])).status_code == 404


def test_a_recalled_one_shows_the_reason_in_place_of_its_text(client, cast):
    circular = sent(cast)
    client.force_login(cast.district_admin)
    client.post(reverse("circulars:recall", args=[circular.pk]), {"reason": "日期写错"})
    assert live(circular).state == CircularState.RECALLED
    client.force_login(cast.officer)
    page = client.get(reverse("circulars:circular", args=[circular.pk])).text
    assert "原因：日期写错" in page
    assert "请各单位于七月底前上报" not in page


def test_what_is_written_is_shown_as_text(client, cast):
    circular = sent(cast, body="<script>alert(1)</script> javascript:alert(1)")
    client.force_login(cast.officer)
    page = client.get(reverse("circulars:circular", args=[circular.pk])).text
    assert "&lt;script&gt;alert(1)" in page
    assert 'href="javascript' not in page


def test_the_city_gets_none_and_is_led_to_what_it_has_sent(client, cast):
    client.force_login(cast.platform_admin)
    assert client.get(reverse("circulars:received")).url == reverse("circulars:sent")


@out_of_order()
def many(cast, count: int) -> None:
    circulars = Circular.objects.bulk_create(
        Circular(
            publisher=cast.district, title=f"通知 {number}", body="内容", state="sent", saved_by=cast.district_admin,
            sent_by=cast.district_admin, sent_at="2026-01-01T00:00:00Z",
        )
        for number in range(count)
    )  # fmt: skip
    Receipt.objects.bulk_create(
        Receipt(circular=circular, union=union) for circular in circulars for union in (cast.union, cast.neighbour)
    )


def test_the_lists_ask_as_many_queries_for_100_rows_as_for_10(client, cast):
    counts = []
    for more in (10, 90):
        many(cast, more)
        asked = []
        for who, name in ((cast.district_admin, "sent"), (cast.officer, "received")):
            client.force_login(who)
            address = f"{reverse(f'circulars:{name}')}?size=100"
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            asked.append(len(queries))
        counts.append(asked)
    assert counts[0] == counts[1]


def test_the_receipts_ask_as_many_queries_for_four_unions_as_for_one(client, cast):
    counts = []
    for branches in ([cast.street.pk], []):
        circular = sent(cast, branches=branches, confirm=True)
        confirm(circular, by=cast.officer)
        client.force_login(cast.district_admin)
        address = reverse("circulars:receipts", args=[circular.pk])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]
