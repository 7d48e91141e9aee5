"""Members by their card, and unions by their batches: what superiors choose by (SPEC 3.1, 5.2)."""

import io

import openpyxl
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.cards.holders import lists
from gonghui.cards.holders.actions import issue_cards
from gonghui.cards.holders.lists import listed_cards
from gonghui.members import queries as members
from gonghui.members.hooks import CONDITIONS
from gonghui.members.models import Member
from gonghui.members.queries import Filters, is_common, known_total
from gonghui.reviews.actions import decide
from tests.cards.stories import answer, approved, carded, exported, made, read, submitted
from tests.factories import make_member, make_union

pytestmark = pytest.mark.django_db

LIST = "/members/"


def standing(cast, member: Member, who: str = "platform_admin") -> set[str]:
    """The choices under which the member is listed, and counted."""
    user, found = getattr(cast, who), set()
    for choice in CONDITIONS["card"].choices:
        filters = Filters(card=choice)
        rows, total = listed(user, filters)
        assert total == len(rows), choice
        found |= {choice} if member in rows else set()
    return found


def listed(user, filters: Filters) -> tuple[list[Member], int]:
    cache.clear()
    client = Client()
    client.force_login(user)
    page = client.get(LIST, {"q": filters.token(user), "size": 100}).context["page"]
    return list(page.rows), page.total


@pytest.mark.parametrize("who", ["platform_admin", "district_admin", "reviewer", "officer"])
def test_a_member_is_listed_by_how_far_the_card_is(cast, who):
    member = make_member(cast.union)
    make_member(cast.union)
    assert standing(cast, member, who) == {"no"}
    batch = submitted(cast, member)
    assert standing(cast, member, who) == {"making"}
    decide(batch.review, decision="approved", opinion="", by=cast.reviewer)
    order = exported(cast, batch)
    assert standing(cast, member, who) == {"making"}
    read(cast, order, answer(order))
    assert standing(cast, member, who) == {"made", "yes"}
    issue_cards(batch, None, by=cast.officer)
    assert standing(cast, member, who) == {"yes"}


def test_a_failed_card_is_under_way_and_a_refused_one_is_none(cast):
    failed, refused = make_member(cast.union), make_member(cast.union)
    batch = approved(cast, failed)
    order = exported(cast, batch)
    read(cast, order, answer(order, failed=[1]))
    assert standing(cast, failed) == {"making"}
    cast.union.card_batches.update(day="2026-01-01")
    decide(submitted(cast, refused).review, decision="refused", opinion="请重新拍照", by=cast.reviewer)
    assert standing(cast, refused) == {"no"}


def test_who_has_a_card_and_asks_for_another_has_one_and_one_under_way(cast):
    (card,) = carded(cast, make_member(cast.union))
    approved(cast, card.member, purpose="replacement")
    assert standing(cast, card.member) == {"making", "yes"}


def test_those_of_another_district_are_neither_listed_nor_counted(cast):
    made(cast, make_member(cast.union))
    assert listed(cast.reviewer, Filters(card="made"))[1] == 1
    assert listed(cast.bureau_admin, Filters(card="made")) == ([], 0)


def test_pages_of_what_is_under_way_continue_one_another(cast, client):
    members = [make_member(cast.union) for _ in range(25)]
    submitted(cast, *members[::2], *members[1::2])
    make_member(cast.neighbour)
    client.force_login(cast.district_admin)
    filters = Filters(card="making")
    seen, address = [], f"?q={filters.token(cast.district_admin)}"
    while address:
        page = client.get(LIST + address).context["page"]
        seen += [member.pk for member in page.rows]
        address = next((link.address for link in page.links if link.number == page.number + 1), "")
    assert seen == sorted(member.pk for member in members)
    assert page.total == known_total(cast.district_admin, filters, None) == 25


@pytest.mark.parametrize("searched", [50, 1_000], ids=["too many to be counted", "all found"])
def test_a_condition_that_many_fulfil_is_answered_by_the_nearest_unions(cast, client, monkeypatch, searched):
    monkeypatch.setattr(members, "SEARCHED", searched)
    unions = [make_union("grassroots", cast.street, member_count=0) for _ in range(60)]
    for union in unions:
        make_member(union, sex="female")
        make_member(union, sex="male")
    client.force_login(cast.district_admin)
    filters = Filters(sex="female", card="no")
    seen, address, back = [], f"?q={filters.token(cast.district_admin)}", ""
    while address:
        with CaptureQueriesContext(connection) as asked:
            page = client.get(LIST + address).context["page"]
        nearest = any('"union_id" IN (' in query["sql"] and "LIMIT 10" in query["sql"] for query in asked)
        assert seen or nearest == (searched < len(unions))
        seen += [member.union_id for member in page.rows]
        back = next((link.address for link in page.links if link.number == page.number - 1), back)
        address = next((link.address for link in page.links if link.number == page.number + 1), "")
    assert seen == sorted(union.pk for union in unions)[:searched]
    assert [member.union_id for member in client.get(LIST + back).context["page"].rows] == seen[-20:-10]


@pytest.mark.parametrize("who", ["reviewer", "district_admin", "platform_admin"])
def test_a_condition_takes_as_many_statements_for_100_rows_as_for_10(cast, client, who):
    user, counts = getattr(cast, who), []
    for _ in range(110):
        make_member(cast.union)
    client.force_login(user)
    for size in (10, 100):
        address = f"{LIST}?size={size}&q={Filters(card='no').token(user)}"
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert len(client.get(address).context["page"].rows) == size
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_export_and_all_that_fit_hold_what_the_condition_leaves(cast, client):
    waiting, other = make_member(cast.union, name="王制卡"), make_member(cast.union, name="王无卡")
    submitted(cast, waiting)
    for user in (cast.reviewer, cast.officer):
        client.force_login(user)
        query = f"?q={Filters(card='making').token(user)}"
        answer = client.post(f"{reverse('members:export')}{query}", {"numbers": "masked"})
        sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
        assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == [waiting.number]
    assert client.get(f"{reverse('members:fit')}{query}").json()["ids"] == [waiting.pk]
    assert other.pk not in client.get(f"{reverse('members:fit')}{query}").json()["ids"]


def test_unions_are_chosen_by_batches_that_have_not_ended(cast, client):
    client.force_login(cast.district_admin)

    def unions(choice: str) -> set[int]:
        return {union.pk for union in client.get("/unions/", {"card": choice}).context["page"].rows}

    assert unions("yes") == set()
    batch = made(cast)
    assert unions("yes") == {cast.union.pk}
    assert unions("no") == {cast.neighbour.pk}
    issue_cards(batch, None, by=cast.officer)
    assert unions("yes") == set()


@pytest.mark.parametrize("who", ["platform_admin", "reviewer", "officer"])
def test_cards_of_few_members_are_found_by_their_ids_and_those_of_many_likewise(cast, monkeypatch, who):
    """Of few in one statement with the search, PostgreSQL goes through the cards of the city from the newest back."""
    (card,) = carded(cast)
    search = Filters(number=card.member.number[:3])
    few = listed_cards(getattr(cast, who), search)
    assert "members_member" not in str(few.cards.query)
    monkeypatch.setattr(lists, "FEW", 0)
    many = listed_cards(getattr(cast, who), search)
    assert "members_member" in str(many.cards.query)
    assert list(few.cards) == list(many.cards) == [card]


@pytest.mark.parametrize("who", ["platform_admin", "reviewer", "officer"])
def test_cards_of_a_common_name_are_found_without_collecting_all_who_bear_it(cast, monkeypatch, who):
    names = ("王小明", "李小明")
    card, _ = carded(cast, *(make_member(cast.union, name=name) for name in names))
    search = Filters(name="王")
    rare = listed_cards(getattr(cast, who), search)
    assert not is_common("王")
    monkeypatch.setattr(members, "COMMON", 0)
    monkeypatch.setattr(lists, "SIZES", (1,))
    monkeypatch.setattr(lists, "FEW_NAMESAKES", 0)
    assert is_common("王")
    common = listed_cards(getattr(cast, who), search)
    assert "gonghui_grams" not in str(common.cards.query)
    assert list(rare.cards) == list(common.cards) == [card]
    assert (rare.at_least, common.at_least) == (None, None if who == "officer" else 1)


def test_a_list_of_cards_too_many_to_be_counted_says_so(cast, client, monkeypatch):
    carded(cast, *(make_member(cast.union, name=name) for name in ("王小明", "王小刚")))
    client.force_login(cast.reviewer)
    address = f"/cards/holders/?q={Filters(name='王').token(cast.reviewer)}"
    monkeypatch.setattr(lists, "FEW", 0)

    def said(query: str = "") -> tuple[int, bool]:
        page = client.get(address + query).context["page"]
        return page.total, page.capped

    assert said() == (2, False)  # a page shows them all
    monkeypatch.setattr(lists, "SIZES", (1,))
    assert said() == (1, True)
    assert said("&state=issued") == (2, False)
