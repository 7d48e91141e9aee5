"""The search box: its results within the user's scope (SPEC 1.6)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.accounts.models import RateLimit
from gonghui.audit.models import Entry
from gonghui.kit.names import initials
from gonghui.portal import find
from tests.factories import make_member, make_union, resident_id
from tests.inspections.stories import opened
from tests.transfers.stories import requested

pytestmark = pytest.mark.django_db


def found(user, text) -> dict[str, list[str]]:
    return {group.label: [hit.label for hit in group.hits] for group in find.suggest(user, text)}


def people(user, text) -> list[str]:
    return [hit.label.split("　")[0] for hit in find.members(user, text).hits]


@pytest.mark.parametrize(
    ("text", "letters"), [("zxm", "zxm"), ("Z X M", "zxm"), ("z", ""), ("张x", ""), ("1990", ""), ("a" * 21, "")]
)
def test_initials_are_two_letters_or_more_and_nothing_else(text, letters):
    assert initials(text) == letters


def test_a_union_is_found_by_fragment_number_code_and_initials_within_scope(cast):
    for text in ("示例科技", cast.union.number, cast.union.employer.code, "slkj", "SLKJ"):
        assert found(cast.reviewer, text)["工会"] == [cast.union.name], text
        assert "工会" not in found(cast.other_reviewer, text), text
        assert "工会" not in found(cast.far_officer, text), text


def test_a_member_is_found_by_name_initials_number_and_whole_document_within_scope(cast):
    number = resident_id(7)
    member = make_member(cast.union, name="单小明", number=number)
    for text in ("单小", "小明", "sxm", member.number, number, f" {number} "):
        assert people(cast.officer, text) == ["单小明"], text
        assert people(cast.reviewer, text) == ["单小明"], text
        assert people(cast.platform_admin, text) == ["单小明"], text
        for outside in (cast.other_reviewer, cast.neighbour_officer, cast.claimant):
            assert people(outside, text) == [], text


@pytest.mark.parametrize("text", ["", " ", "明", "%", "__", "%%", "\\", "x" * 100, "0" * 100, "张%", "'; --", "310110"])
def test_nonsense_finds_nobody(cast, text):
    make_member(cast.union, name="单小明")
    assert people(cast.officer, text) == []


def test_nobody_is_looked_for_while_somebody_types(cast, client):
    make_member(cast.union, name="单小明")
    client.force_login(cast.officer)
    page = client.post(reverse("find_suggest"), {"text": "单小明"}).text
    assert "单小明" not in page
    assert not Entry.objects.filter(verb="search.members").exists()


def test_enter_searches_members_records_how_and_leaves_no_name_in_the_address(cast, client):
    make_member(cast.union, name="单小明")
    client.force_login(cast.officer)
    answer = client.post(reverse("find"), {"text": "单小明"})
    assert answer.status_code == 302
    assert "%E5%8D%95" not in answer["Location"]
    page = client.get(answer["Location"]).text
    assert "单小明" in page
    (entry,) = Entry.objects.filter(verb="search.members")
    assert (entry.actor, entry.data) == (cast.officer, {"way": "姓名", "found": 1})


def test_another_account_cannot_use_the_address(cast, client):
    make_member(cast.union, name="单小明")
    client.force_login(cast.officer)
    address = client.post(reverse("find"), {"text": "单小明"})["Location"]
    client.force_login(cast.reviewer)
    assert "单小明" not in client.get(address).text
    assert client.get("/find/?q=nonsense").status_code == 200


def test_too_many_searches_are_refused_with_the_way_out(cast, client):
    client.force_login(cast.officer)
    client.post(reverse("find"), {"text": "单小明"})
    RateLimit.objects.update(count=find.LIMIT.times)
    answer = client.post(reverse("find"), {"text": "单小明"}, follow=True)
    assert "一小时内搜索会员的次数已达到上限" in answer.text
    assert Entry.objects.filter(verb="search.members").count() == 1


def test_requests_and_batches_of_the_unions_that_are_found(cast):
    requested(cast, make_member(cast.union))
    union = found(cast.reviewer, "示例科技")
    assert "待审核的申请" not in union  # it waits with the union itself
    opened(cast, cast.district)
    assert found(cast.officer, "示例科技")["工会"] == [cast.union.name]


def test_commands_are_those_that_the_user_may_use(cast):
    assert "新增会员" in found(cast.officer, "会员")["功能"]
    assert "新增会员" not in found(cast.reviewer, "会员").get("功能", [])
    assert "开启年检" in found(cast.platform_admin, "年检")["功能"]
    assert "开启年检" not in found(cast.district_admin, "年检")["功能"]


def test_every_command_leads_to_a_page(cast, client):
    for user in ("officer", "reviewer", "district_admin", "platform_admin", "viewer", "newcomer", "claimant"):
        client.force_login(getattr(cast, user))
        for hit in find.commands(getattr(cast, user)):
            assert client.get(hit.url).status_code in (200, 302), (user, hit.label)


def test_pages_of_the_manual_are_found_by_their_headings(cast, client):
    client.force_login(cast.officer)
    (group,) = [group for group in find.suggest(cast.officer, "年检") if group.label == "操作手册"]
    for hit in group.hits:
        assert "年检" in hit.label
        assert client.get(hit.url).status_code == 200


def test_a_search_asks_as_many_queries_however_much_there_is(cast):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            find.suggest(cast.platform_admin, "示例")
            find.members(cast.platform_admin, "单小")
        return len(queries)

    make_member(cast.union, name="单小明")
    before = asked()
    for number in range(12):
        make_member(make_union("grassroots", cast.street, name=f"上海示例{number}工会"), name="单小明")
    assert asked() <= before + 1
    assert before <= 8


def test_no_more_is_shown_than_fits(cast):
    for _ in range(find.MAX_SHOWN + 2):
        make_member(cast.union, name="单小明")
    assert len(people(cast.officer, "单小明")) == find.MAX_SHOWN
