"""The tree below the own union, and its search (SPEC 5.2)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union
from tests.factories import make_member, make_union
from tests.filings.stories import submitted

TREE = "/unions/"


def test_the_city_sees_its_branches_with_counts(client, cast):
    make_member(cast.union)
    make_member(cast.neighbour)
    client.force_login(cast.platform_admin)
    branches = {branch.name: (branch.unions, branch.people) for branch in client.get(TREE).context["branches"]}
    assert branches == {"杨浦区总工会": (2, 2), "上海市机电工会": (1, 0)}


def test_a_district_sees_its_streets(client, cast):
    make_member(cast.union)
    client.force_login(cast.district_admin)
    page = client.get(TREE)
    assert {branch.name: branch.people for branch in page.context["branches"]} == {
        "五角场镇工会": 1,
        "新江湾城街道工会": 0,
    }
    assert page.context["total_unions"] == 2


def test_branches_tell_how_many_unions_wait_for_a_review(client, cast):
    submitted(cast)
    client.force_login(cast.platform_admin)
    page = client.get(TREE)
    assert {branch.name: branch.waiting for branch in page.context["branches"]} == {
        "杨浦区总工会": 1,
        "上海市机电工会": 0,
    }
    assert page.context["total_waiting"] == 1
    client.force_login(cast.district_admin)
    branches = client.get(TREE).context["branches"]
    assert {branch.name: branch.waiting for branch in branches} == {"五角场镇工会": 1, "新江湾城街道工会": 0}


def test_three_hundred_branches_ask_as_many_queries_as_three(client, cast):
    client.force_login(cast.bureau_admin)
    counts = []
    for more in (2, 300):
        for number in range(more):
            make_union(UnionKind.COMPANY, cast.bureau, name=f"示例公司{more}-{number}工会")
        client.get(TREE)
        with CaptureQueriesContext(connection) as captured:
            page = client.get(TREE)
        counts.append(len(captured))
    assert len(page.context["branches"]) == 303
    assert counts[0] == counts[1]


def test_a_street_sees_its_unions(client, cast):
    client.force_login(cast.reviewer)
    assert list(client.get(TREE).context["page"].rows) == [cast.union]


@pytest.mark.parametrize(
    ("user", "node", "status"),
    [
        ("platform_admin", "street", 200),
        ("district_admin", "street", 200),
        ("district_admin", "company", 404),
        ("reviewer", "other_street", 404),
        ("reviewer", "district", 404),
        ("reviewer", "union", 404),
        ("officer", "street", 404),
        ("claimant", "street", 404),
    ],
)
def test_a_node_out_of_scope_is_not_found(client, cast, user, node, status):
    client.force_login(getattr(cast, user))
    assert client.get(reverse("unions:node", args=[getattr(cast, node).pk])).status_code == status


def test_an_officer_has_no_tree(client, cast):
    client.force_login(cast.officer)
    assert client.get(TREE).status_code == 404


@pytest.mark.parametrize(
    ("user", "text", "names"),
    [
        ("platform_admin", "示例", {"上海示例科技有限公司工会", "上海示例电机厂工会", "示例电气集团工会"}),
        ("reviewer", "示例", {"上海示例科技有限公司工会"}),
        ("reviewer", "邻家软件", set()),
        ("district_admin", "邻家软件", {"上海邻家软件有限公司工会"}),
        ("platform_admin", "示", {"上海示例科技有限公司工会", "上海示例电机厂工会", "示例电气集团工会"}),
        ("reviewer", "示 例", {"上海示例科技有限公司工会"}),
        ("platform_admin", "没有的", set()),
        ("platform_admin", "%_'\\", set()),
    ],
)
def test_search_by_a_fragment_finds_what_is_below(client, cast, user, text, names):
    client.force_login(getattr(cast, user))
    assert {row.name for row in client.get(TREE, {"q": text}).context["page"].rows} == names


def test_superiors_filter_by_branch_and_state_and_take_a_condition_away_by_its_chip(client, cast):
    client.force_login(cast.platform_admin)
    page = client.get(TREE, {"superior": cast.district.pk, "state": "approved"})
    assert [union.name for union in page.context["page"].rows] == [cast.union.name, cast.neighbour.name]
    words = dict(page.context["filters"].chips)
    assert words == {
        f"所属上级：{cast.district.path}": "?state=approved",
        "状态：审核通过": f"?superior={cast.district.pk}",
    }
    page = client.get(TREE, {"superior": cast.other_street.pk, "q": cast.neighbour.name})
    assert {union.superior_id for union in page.context["page"].rows} == {cast.other_street.pk}


def test_a_branch_out_of_scope_shows_nothing_and_says_why(client, cast):
    client.force_login(cast.district_admin)
    page = client.get(TREE, {"superior": cast.company.pk})
    assert page.status_code == 422
    assert not page.context["page"].rows
    assert "不在您的管辖范围内" in page.text


def test_a_street_filters_its_unions_by_state_alone(client, cast):
    client.force_login(cast.reviewer)
    page = client.get(f"{TREE}{cast.street.pk}/", {"state": "dissolved"}, follow=True)
    assert page.context["state"] == "dissolved"
    assert "id_superior" not in page.text


def test_search_by_number_and_code(client, cast):
    client.force_login(cast.platform_admin)
    for text in (cast.union.number, cast.union.employer.code):
        assert list(client.get(TREE, {"q": text}).context["page"].rows) == [cast.union]


@pytest.mark.parametrize(
    ("user", "path", "query"),
    [("reviewer", TREE, {}), ("district_admin", "/unions/{street}/", {}), ("platform_admin", TREE, {"q": "测试"})],
    ids=["own", "node", "search"],
)
def test_the_list_asks_as_many_queries_for_100_rows_as_for_10(client, cast, user, path, query):
    client.force_login(getattr(cast, user))
    path, counts = path.format(street=cast.street.pk), []
    Union.objects.filter(pk=cast.union.pk).update(name="测试工会")
    for more in (9, 90):
        for number in range(more):
            make_union(UnionKind.GRASSROOTS, cast.street, name=f"测试工会 {more} {number}")
        client.get(path, {"size": 100, **query})
        with CaptureQueriesContext(connection) as captured:
            page = client.get(path, {"size": 100, **query})
        counts.append(len(captured))
    assert len(page.context["page"].rows) == 100
    assert counts[0] == counts[1]


def test_paging_by_neighbouring_keys_and_by_hand_agree(client, cast):
    for _ in range(44):
        make_union(UnionKind.GRASSROOTS, cast.street)
    client.force_login(cast.reviewer)
    everything = list(Union.objects.filter(superior=cast.street).order_by("pk"))
    page, address = client.get(TREE, {"size": 10}).context["page"], ""
    assert page.links[-1].number == 5
    for number in (3, 5, 4, 2, 1):
        address = next(link.address for link in page.links if link.number == number)
        page = client.get(TREE + address).context["page"]
        assert list(page.rows) == everything[(number - 1) * 10 : number * 10], number
        assert list(client.get(TREE, {"size": 10, "page": number}).context["page"].rows) == list(page.rows)
    assert (page.first_row, page.last_row, page.total) == (1, 10, 45)
