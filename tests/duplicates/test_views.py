"""The pages: the queue, two records side by side, and the request to another union."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.audit.models import Entry, Subject
from gonghui.duplicates.actions import dismiss
from gonghui.duplicates.finding import look_at
from gonghui.duplicates.models import Merge, Pair
from gonghui.duplicates.queries import version_of
from gonghui.duplicates.states import MergeState, PairState
from gonghui.members.models import Alias
from tests.duplicates.stories import BORN, alike, found, fresh, merged, paired, picked
from tests.factories import make_member
from tests.people import Cast

pytestmark = pytest.mark.django_db
LIST = "/duplicates/"


def address(pair: Pair, *more: str) -> str:
    return "/".join(["/duplicates", str(pair.pk), *more]) + "/"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def queries_of(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return len(queries)


def body(response) -> str:
    return response.content.decode()


def test_the_queue_shows_a_pair_with_its_reason_to_who_sees_both(cast: Cast):
    pair = paired(cast.union, cast.neighbour)
    for user, sees in (
        (cast.district_admin, True),
        (cast.platform_admin, True),
        (cast.reviewer, False),
        (cast.officer, False),
        (cast.bureau_admin, False),
    ):
        page = body(signed_in(user).get(LIST))
        assert (pair.member.number in page) == sees
        assert ("姓名、出生日期和手机号相同</td>" in page) == sees


def test_it_is_filtered_by_state_reason_and_level(cast: Cast):
    own, below = paired(cast.union, cast.neighbour), paired(cast.union, cast.union, name="李下级", mobile="19900007777")
    dismiss(own, note="", version=version_of(own), by=cast.district_admin)
    client = signed_in(cast.district_admin)
    for query, shown in (
        ("state=different", {own}),
        ("state=pending", {below}),
        ("level=own", {own}),
        ("level=below", {below}),
        ("reason=phone", set()),
    ):
        page = body(client.get(f"{LIST}?{query}"))
        assert {pair for pair in (own, below) if pair.member.number in page} == shown
    assert client.get(f"{LIST}?state=nonsense").status_code == 422


def test_a_member_who_moved_out_of_scope_is_gone_before_the_job_has_seen_it(cast: Cast):
    pair = paired(cast.union, cast.union)
    client = signed_in(cast.officer)
    assert client.get(address(pair)).status_code == 200
    pair.other.union = cast.neighbour
    pair.other.save(update_fields=["union"])
    assert client.get(address(pair)).status_code == 404
    assert client.post(address(pair, "act"), {"do": "dismiss"}).status_code == 404


def test_what_differs_is_marked_and_numbers_are_masked(cast: Cast):
    pair = paired(cast.union, cast.union)
    page = body(signed_in(cast.officer).get(address(pair)))
    assert pair.member.document_number not in page
    assert "19900005678" not in page
    assert page.count('name="document_type"') == 2
    row = page.split("移动电话")[1].split("</tr>")[0]
    assert "<mark>" not in row
    page = body(signed_in(cast.viewer).get(address(pair)))
    row = page.split("证件号码")[1].split("</tr>")[0]
    assert "<mark>" in row


def test_the_full_look_is_recorded_for_both(cast: Cast):
    pair = paired(cast.union, cast.union)
    page = body(signed_in(cast.officer).post(address(pair, "reveal")))
    assert pair.member.document_number in page
    assert pair.other.document_number in page
    looks = Entry.objects.filter(verb="member.revealed", actor=cast.officer)
    assert {look.object_id for look in looks} == {pair.member_id, pair.other_id}


def test_merged_from_the_form_and_parted_again(cast: Cast):
    pair = paired(cast.union, cast.union)
    client = signed_in(cast.officer)
    data = picked(pair, "other", note="已看证件")
    page = body(client.post(address(pair, "act"), data, follow=True))
    assert "已合并为一名会员" in page
    assert "撤销合并" in page
    member_page = body(client.get(f"/members/{pair.member_id}/"))
    assert pair.other.number in member_page
    assert client.get(f"/members/{pair.other_id}/").status_code == 404
    page = body(client.post(address(pair, "act"), {"do": "undo"}, follow=True))
    assert "已撤销合并" in page
    assert not Alias.objects.exists()


def test_the_form_sent_twice_merges_once_and_says_so(cast: Cast):
    pair = paired(cast.union, cast.union)
    client = signed_in(cast.officer)
    data = picked(pair)
    client.post(address(pair, "act"), data)
    response = client.post(address(pair, "act"), data)
    assert response.status_code == 422
    assert "不能重复办理" in body(response)
    assert Merge.objects.count() == 1


def test_after_a_refusal_what_was_typed_is_there_and_the_page_is_fresh(cast: Cast):
    pair = paired(cast.union, cast.union)
    client = signed_in(cast.officer)
    response = client.post(address(pair, "act"), picked(pair, note="已看过证件", version="old"))
    assert response.status_code == 422
    page = body(response)
    assert "已有变化" in page
    assert "已看过证件" in page
    assert version_of(fresh(pair)) in page
    response = client.post(address(pair, "act"), {"do": "merge"})
    assert response.status_code == 422
    response = client.post(address(pair, "act"), {"do": "dismiss", "dismiss-note": "长" * 201})
    assert response.status_code == 422
    assert found(pair.member).state == PairState.PENDING


def test_an_act_that_is_none_is_not_there(cast: Cast):
    pair = paired(cast.union, cast.union)
    client = signed_in(cast.officer)
    assert client.post(address(pair, "act"), {"do": "nonsense"}).status_code == 404
    assert client.post(address(pair, "act"), {"do": "undo"}).status_code == 409


def test_a_viewer_looks_and_is_offered_nothing(cast: Cast):
    pair = paired(cast.union, cast.union)
    page = body(signed_in(cast.viewer).get(address(pair)))
    assert "不是同一人" not in page
    assert "显示完整号码" not in page


def test_the_asked_union_sees_both_masked_and_its_look_is_recorded(cast: Cast):
    pair = paired(cast.union, cast.neighbour)
    merge = merged(pair, cast.district_admin)
    client = signed_in(cast.neighbour_officer)
    assert pair.other.number in body(client.get("/duplicates/asked/"))
    page = body(client.get(f"/duplicates/asked/{merge.pk}/"))
    assert str(cast.union) in page
    assert pair.member.document_number not in page
    entry = Entry.objects.filter(verb="duplicate.looked_at").latest("pk")
    assert set(Subject.objects.filter(entry_id=entry.pk).values_list("person_id", flat=True)) == {
        pair.member_id,
        pair.other_id,
    }


def test_the_asked_union_answers_once(cast: Cast):
    merge = merged(paired(cast.union, cast.neighbour), cast.district_admin)
    client = signed_in(cast.neighbour_officer)
    url = f"/duplicates/asked/{merge.pk}/answer/"
    response = client.post(url, {"answer": "refuse", "opinion": ""})
    assert response.status_code == 422
    assert "必须填写原因" in body(response)
    assert client.post(url, {"answer": "agree"}).status_code == 302
    assert Merge.objects.get().state == MergeState.DONE
    response = client.post(url, {"answer": "refuse", "opinion": "不是"})
    assert response.status_code == 422
    assert "不能再办理" in body(response)


def test_what_waits_is_on_the_front_page(cast: Cast):
    paired(cast.union, cast.union)
    merged(paired(cast.union, cast.neighbour, name="李两家", mobile="19900007777"), cast.district_admin)
    assert "疑似重复会员待核对" in body(signed_in(cast.officer).get(reverse("home")))
    assert "重复会员合并待同意" in body(signed_in(cast.neighbour_officer).get(reverse("home")))


def test_the_queue_costs_as_much_with_many_pairs_as_with_few(cast: Cast):
    client = signed_in(cast.officer)
    counts = []
    for number in (1, 15):
        members = alike(*[cast.union] * 2, name=f"李{number}", mobile="19900002222")
        for n in range(number):
            members += [make_member(cast.union, name=f"多{n}", mobile=f"1990001{n:04}", born_on=BORN) for _ in range(2)]
        look_at([member.pk for member in members])
        counts.append(queries_of(client, LIST))
    assert counts[0] == counts[1]


def test_the_requests_cost_as_much_with_many_as_with_few(cast: Cast):
    client = signed_in(cast.neighbour_officer)
    counts = []
    for number in (1, 5):
        for n in range(number):
            merged(
                paired(cast.union, cast.neighbour, name=f"李{number}之{n}", mobile=f"1990{number}{n:06}"),
                cast.district_admin,
            )
        counts.append(queries_of(client, "/duplicates/asked/"))
    assert counts[0] == counts[1]
