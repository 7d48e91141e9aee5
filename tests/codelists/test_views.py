"""「代码表」: the city's platform administrators come from the tree; for others there is no such page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.codelists.models import Code
from gonghui.codelists.queries import label
from gonghui.members.codes import Household

pytestmark = pytest.mark.django_db

INDEX = reverse("codelists:index")
HOUSEHOLD = reverse("codelists:code_list", args=["household"])


def code(value: str) -> Code:
    return Code.objects.get(code_list="household", value=value)


def page(value: str) -> str:
    return reverse("codelists:code", args=[code(value).pk])


@pytest.fixture
def city(client, cast):
    client.force_login(cast.platform_admin)
    return client


def test_the_citys_administrator_comes_from_the_tree_others_do_not(client, cast):
    client.force_login(cast.platform_admin)
    assert INDEX in client.get(reverse("unions:tree")).text
    shown = client.get(INDEX).text
    assert HOUSEHOLD in shown
    assert "GB/T 4754" in shown
    client.force_login(cast.district_admin)
    assert INDEX not in client.get(reverse("unions:tree")).text
    for address in (INDEX, HOUSEHOLD, page("rural")):
        assert client.get(address).status_code == 404


def test_the_pages_take_as_many_statements_with_more_values(city):
    def statements() -> list[int]:
        counts = []
        for address in (INDEX, HOUSEHOLD, page("rural")):
            with CaptureQueriesContext(connection) as captured:
                city.get(address)
            counts.append(sum("codelists_code" in query["sql"] for query in captured))
        return counts

    before = statements()
    Code.objects.bulk_create(
        Code(code_list="household", value=f"v{n}", label=f"第{n}种", position=9 + n) for n in range(20)
    )
    assert statements() == before


def test_a_value_is_added_and_a_wrong_one_told_at_its_field(city):
    today = f"{localdate():%Y-%m-%d}"
    response = city.post(HOUSEHOLD, {"label": "境外", "since": today, "after": code("rural").pk}, follow=True)
    assert f"已增加“境外”，自 {today} 起可以选择。" in response.text
    assert response.text.index("境外</a>") < response.text.index("居民户</a>")
    for sent, told in (
        ({"label": "境外", "since": today}, "已有“境外”"),
        ({"label": "港澳", "since": "2020-01-01"}, "启用日期不能早于今天"),
        ({"label": "港澳", "since": today, "national": "＃"}, "国家代码由字母和数字组成"),
        ({"label": "港澳", "since": "昨天"}, "日期"),
        ({"since": today}, "名称"),
    ):
        refused = city.post(HOUSEHOLD, sent)
        assert (refused.status_code, told in refused.text) == (422, True), (sent, told)
    assert Code.objects.filter(code_list="household").count() == 5


def test_a_value_is_renamed_retired_and_reopened_by_its_page(city):
    address = page("rural")
    assert "已改名为“农村”" in city.post(address, {"act": "rename", "label": "农村", "version": 1}, follow=True).text
    assert label(Household, "rural") == "农村"
    retire = {"act": "retire", "on": f"{localdate():%Y-%m-%d}", "successor": code("resident").pk, "version": 2}
    retired = city.post(address, retire, follow=True).text
    assert f"“农村”自 {localdate():%Y-%m-%d} 起停用" in retired
    assert "恢复使用" in retired
    assert "已恢复使用" in city.post(address, {"act": "reopen", "version": 3}, follow=True).text
    assert code("rural").state == "open"


def test_a_stale_page_says_so_and_changes_nothing(city):
    Code.objects.filter(value="rural").update(version=2)
    address = page("rural")
    response = city.post(address, {"act": "rename", "label": "农村", "version": 1}, headers={"referer": address})
    assert "已被其他管理员修改" in city.get(response.url).text if response.status_code == 302 else response.text
    assert code("rural").label == "农业"


def test_a_closed_list_offers_names_alone(city):
    education = city.get(reverse("codelists:code_list", args=["education"])).text
    assert "取值由 GB/T 4658 规定，只能修改名称" in education
    assert "增加一个值" not in education
    one = Code.objects.get(code_list="education", value="primary")
    shown = city.get(reverse("codelists:code", args=[one.pk])).text
    assert "保存名称" in shown
    assert "停用这个值" not in shown
    lasting = Code.objects.get(code_list="position", value="member")
    assert "平台的规则要用到这个值" in city.get(reverse("codelists:code", args=[lasting.pk])).text


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"act": "delete"}, {"act": "rename"}, {"act": "rename", "label": "x", "version": "9" * 40},
        {"act": "retire", "on": "0001-13-01", "version": 1}, {"act": "retire", "on": "9999-12-31", "successor": "x"},
        {"act": "reopen", "version": "1"},
    ],
)  # fmt: skip
def test_bad_input_is_told_and_changes_nothing(city, sent):
    response = city.post(page("rural"), sent)
    assert response.status_code in (302, 409, 422)
    now = code("rural")
    assert (now.label, now.valid_until, now.version) == ("农业", None, 1)


def test_a_list_that_does_not_exist_is_not_found(city):
    assert city.get(reverse("codelists:code_list", args=["colours"])).status_code == 404
    Code.objects.create(code_list="gone", value="a", label="甲", position=1)
    gone = Code.objects.get(code_list="gone")
    assert city.get(reverse("codelists:code", args=[gone.pk])).status_code == 404


def test_a_day_to_come_is_shown_as_not_begun(city):
    tomorrow = localdate() + timedelta(days=1)
    city.post(HOUSEHOLD, {"label": "境外", "since": f"{tomorrow:%Y-%m-%d}"})
    assert "未启用" in city.get(HOUSEHOLD).text
