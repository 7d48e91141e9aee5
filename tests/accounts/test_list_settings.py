"""A user's list settings and named searches belong to the account (SPEC 1.6)."""

import re
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from gonghui.accounts.list_settings import MAX_ALL_VIEWS, MAX_VIEWS, save_view
from gonghui.accounts.models import ListSetting, SavedView, User
from gonghui.kit.errors import Refused
from gonghui.members.queries import Filters
from tests.cards.stories import coded
from tests.factories import make_member, make_user
from tests.inspections.stories import opened

pytestmark = pytest.mark.django_db

LIST, SAVE, SETTING = "/members/", reverse("accounts:save_view"), reverse("accounts:list_setting")


def liked(client, **values) -> int:
    return client.post(SETTING, {"path": LIST} | values).status_code


def test_density_columns_and_rows_of_a_page_are_kept_for_the_account(cast, client):
    for _ in range(12):
        make_member(cast.union)
    client.force_login(cast.officer)
    assert client.get(LIST).context["page"].size == 10
    assert liked(client, density="roomy", hidden="3,7", size="20") == 204
    page = client.get(LIST)
    assert page.context["page"].size == 20
    assert {"list-page", "roomy", "hide-3", "hide-7"} <= set(re.search(r'class="main ([^"]*)"', page.text)[1].split())
    assert client.get(LIST, {"size": "10"}).context["page"].size == 10, "the address says otherwise"
    client.force_login(make_user(cast.union))
    assert client.get(LIST).context["page"].size == 10, "another account has its own"


def test_nonsense_is_as_if_nothing_was_said(cast, client):
    client.force_login(cast.officer)
    assert liked(client, density="huge", hidden="1,99,x,-3,4", size="7") == 204
    setting = ListSetting.objects.get()
    assert (setting.density, setting.hidden, setting.size) == ("compact", [4], None)
    assert liked(client) == 204
    assert ListSetting.objects.count() == 1


def test_an_address_that_does_not_exist_has_no_settings(cast, client):
    client.force_login(cast.officer)
    assert client.post(SETTING, {"path": "/no/such/page/"}).status_code == 404
    assert client.post(SAVE, {"path": "https://example.test/", "name": "x", "query": "q=1"}).status_code == 404


def test_a_search_is_named_used_and_forgotten(cast, client):
    client.force_login(cast.officer)
    filtered = client.post(LIST, {"sex": "female"})["Location"]
    query = filtered.partition("?")[2]
    answer = client.post(SAVE, {"path": LIST, "name": " 女会员 ", "query": f"{query}&page=3&near=1"}, follow=True)
    assert answer.redirect_chain[0][0] == f"{LIST}?{query}"
    assert "女会员" in client.get(LIST).text
    view = SavedView.objects.get()
    client.post(reverse("accounts:remove_view", args=[view.pk]))
    assert not SavedView.objects.exists()


def test_another_account_neither_sees_nor_removes_it(cast, client):
    view = save_view(cast.officer, LIST, name="女会员", query="q=x")
    client.force_login(make_user(cast.union))
    assert "女会员" not in client.get(LIST).text
    assert client.post(reverse("accounts:remove_view", args=[view.pk])).status_code == 404


def test_no_name_no_condition_twice_and_too_many_are_refused(cast):
    with pytest.raises(Refused, match="起一个名称"):
        save_view(cast.officer, LIST, name="  ", query="q=x")
    with pytest.raises(Refused, match="起一个名称"):
        save_view(cast.officer, LIST, name="长" * 21, query="q=x")
    with pytest.raises(Refused, match="先设置查询条件"):
        save_view(cast.officer, LIST, name="空", query="page=2&size=10")
    save_view(cast.officer, LIST, name="一", query="q=x")
    with pytest.raises(Refused, match="已经有名为"):
        save_view(cast.officer, LIST, name="一", query="q=y")
    for number in range(MAX_VIEWS - 1):
        save_view(cast.officer, LIST, name=f"第{number}个", query="q=x")
    with pytest.raises(Refused, match="最多保存"):
        save_view(cast.officer, LIST, name="多", query="q=x")


def test_an_account_has_so_many_named_searches_on_all_lists_together(cast):
    for number in range(MAX_ALL_VIEWS):
        save_view(cast.officer, f"/notices/{number // MAX_VIEWS}/", name=f"第{number}个", query="q=x")
    with pytest.raises(Refused, match="各列表中删除"):
        save_view(cast.officer, LIST, name="多", query="q=x")


def test_settings_and_searches_of_other_lists_are_not_this_ones(cast, client):
    save_view(cast.officer, "/cards/", name="别处的", query="q=x")
    client.force_login(cast.officer)
    assert client.post(SETTING, {"path": "/cards/", "density": "roomy", "size": "50"}).status_code == 204
    page = client.get(LIST)
    assert "别处的" not in page.text
    assert page.context["page"].size == 10
    assert " roomy" not in re.search(r'class="main ([^"]*)"', page.text)[1]


def test_every_list_with_filters_keeps_named_ones(cast, client):
    window = opened(cast)
    coded(cast.union, cast.officer)
    SavedView.objects.all().delete()
    for who, path, query in (
        ("platform_admin", "/unions/", {"state": "approved"}),
        ("reviewer", "/reviews/", {"q": "示例"}),
        ("officer", "/cards/", {"state": "made"}),
        ("officer", "/cards/add/", {"q": Filters(name="王").token(cast.officer)}),
        ("district_admin", f"/reviews/below/{cast.street.pk}/", {"kind": "filing"}),
        ("district_admin", "/members/", {"union": str(cast.union.pk)}),
        ("district_admin", "/inspections/", {"node": str(cast.street.pk), "tab": "left", "q": "示例"}),
        ("reviewer", reverse("inspections:completion", args=[window.pk]), {"tab": "done", "q": "示例"}),
        ("platform_admin", "/audit/", {"verb": "member.added"}),
        ("platform_admin", "/accounts/users/", {"q": "管理员"}),
    ):
        user = getattr(cast, who)
        client.force_login(user)
        SavedView.objects.filter(user=user).delete()
        page = client.get(path, query)
        assert "存为常用筛选" in page.text, path
        answer = client.post(SAVE, {"path": path, "name": "我的筛选", "query": urlencode(query)}, follow=True)
        assert answer.redirect_chain[0][0] == f"{path}?{urlencode(query)}"
        assert "我的筛选" in client.get(path).text, path


def test_a_view_of_a_union_that_is_out_of_scope_now_shows_nothing_and_says_why(cast, client):
    make_member(cast.union)
    query = f"q={Filters(superior=str(cast.street.pk)).token(cast.district_admin)}"
    view = save_view(cast.district_admin, LIST, name="五角场", query=query)
    client.force_login(cast.district_admin)
    assert len(client.get(view.address).context["page"].rows) == 1
    User.objects.filter(pk=cast.district_admin.pk).update(union=cast.bureau)
    page = client.get(view.address)
    assert not page.context["page"].rows
    assert "所选的上级工会已不在您的管辖范围内" in page.text
    assert "五角场镇" not in re.sub(r"五角场</a>", "", page.text)


def moved_to_the_bureau(cast) -> None:
    """The account sees nothing of its former district any more."""
    User.objects.filter(pk=cast.district_admin.pk).update(union=cast.bureau)


@pytest.fixture
def kept(cast) -> dict[str, SavedView]:
    """Named searches whose union the account sees, on each list that takes one."""
    window = opened(cast)
    queries = {
        "/members/": f"union={cast.union.pk}",
        "/inspections/": f"node={cast.street.pk}&tab=left",
        reverse("inspections:completion", args=[window.pk]): f"node={cast.street.pk}&tab=done&q=示例",
        f"/unions/{cast.street.pk}/": "state=approved",
        f"/reviews/below/{cast.street.pk}/": "kind=filing",
    }
    return {
        path: save_view(cast.district_admin, path, name=f"示例{place}", query=query)
        for place, (path, query) in enumerate(queries.items())
    }


def test_a_named_search_out_of_scope_shows_nothing_on_every_list_and_leads_out(cast, client, kept):
    make_member(cast.union)
    client.force_login(cast.district_admin)
    for view in kept.values():
        assert client.get(view.address).status_code == 200, view.address
    moved_to_the_bureau(cast)
    for path, view in kept.items():
        page = client.get(view.address)
        assert page.status_code == 422, path
        assert "查询条件中的工会已不在您的管辖范围内" in page.text
        [way_out] = re.findall(r'href="([^"]+)"\s*>[^<]*查看全部</a>', page.text)
        assert client.get(way_out).status_code == 200, way_out
        assert reverse("accounts:remove_view", args=[view.pk]) in page.text
        assert "存为常用筛选" not in page.text
        assert cast.union.name not in page.text
    assert client.get("/members/").status_code == 200


def test_a_typed_address_out_of_scope_is_not_found(cast, client, kept):
    moved_to_the_bureau(cast)
    client.force_login(cast.district_admin)
    for address in (
        f"/members/?union={cast.neighbour.pk}",
        f"/members/?union={cast.union.pk}&q=x",
        f"/inspections/?node={cast.other_street.pk}&tab=left",
        f"/unions/{cast.street.pk}/",
        "/members/?union=999999999",
    ):
        assert client.get(address).status_code == 404, address


def test_what_another_account_has_kept_is_an_address_that_was_typed(cast, client, kept):
    client.force_login(cast.bureau_admin)
    for view in kept.values():
        assert client.get(view.address).status_code == 404, view.address


def test_a_list_as_it_was_left_says_so_too(cast, client):
    address = f"/members/?union={cast.neighbour.pk}"
    client.force_login(cast.district_admin)
    assert client.get(address).status_code == 200
    moved_to_the_bureau(cast)
    assert client.get(address).status_code == 422
    assert client.get("/members/").status_code == 200
    assert client.get(address).status_code == 404, "it is forgotten"


def test_an_export_of_it_is_not_found(cast, client, kept):
    moved_to_the_bureau(cast)
    client.force_login(cast.district_admin)
    assert client.post(f"/members/export/?union={cast.union.pk}", {"numbers": "masked"}).status_code == 404
