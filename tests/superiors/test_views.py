"""「组织变动」: a form, its effects, and the confirmation; the list of what was done."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.superiors.models import Act, ChangeState, TreeChange
from gonghui.superiors.queries import version_of
from gonghui.unions.models import UnionState
from tests.factories import live, make_member
from tests.jobs import run_jobs
from tests.superiors.stories import begun_closing, ended, renamed, second_district

pytestmark = pytest.mark.django_db


def words(response) -> str:
    return " ".join(response.text.split())


def typed(union, **values) -> dict[str, object]:
    return {"version": version_of(union)} | values


@pytest.mark.django_db(transaction=True)
def test_the_city_closes_a_street_by_its_pages(client, cast):
    make_member(cast.union)
    client.force_login(cast.platform_admin)
    close = reverse("superiors:close", args=[cast.street.pk])
    assert close in client.get(reverse("unions:node", args=[cast.street.pk])).text
    filled = typed(cast.street, successor=cast.other_street.pk, reason="沪工〔2026〕9号")
    page = words(client.post(close, filled))
    assert "下面的工会和等待审核的申请全部转给新江湾城街道工会。" in page
    assert '<dt>会员</dt><dd class="num">1</dd>' in page
    assert live(cast.street).state == UnionState.APPROVED, "nothing happens before the confirmation"
    again = client.post(close, filled | {"back": "yes"})
    assert again.status_code == 200
    assert "沪工〔2026〕9号" in again.text, "what was typed is still there"
    sent = client.post(close, filled | {"confirmed": "yes"})
    assert "正在办理" in client.get(sent.url).text
    run_jobs("imports")
    assert "已完成" in client.get(sent.url).text
    node = client.get(reverse("unions:node", args=[cast.street.pk])).text
    assert "五角场镇工会已撤销，不能再选择" in node
    assert close not in node
    assert client.get(close).status_code == 404
    assert client.post(close, filled | {"confirmed": "yes"}).status_code == 404, "a double click"


def test_a_refusal_stands_at_its_field_with_what_was_typed(client, cast):
    client.force_login(cast.platform_admin)
    close = reverse("superiors:close", args=[cast.street.pk])
    response = client.post(close, typed(cast.street, reason="依据一"))
    assert response.status_code == 422
    assert "请选择接收它们的工会，一并转交。" in response.text
    assert "依据一" in response.text


def test_a_stale_page_changes_nothing_and_says_why(client, cast):
    client.force_login(cast.platform_admin)
    rename = reverse("superiors:rename", args=[cast.street.pk])
    stale = typed(cast.street, name="第二名工会", area="")
    renamed(cast, cast.street, "第一名工会")
    response = client.post(rename, stale | {"confirmed": "yes"})
    assert response.status_code == 422
    assert "已被其他管理员变动，所以您的操作没有生效" in response.text
    assert live(cast.street).name == "第一名工会"


def test_a_former_name_stands_on_the_unions_page(client, cast):
    renamed(cast, cast.street, "五角场街道工会")
    client.force_login(cast.district_admin)
    page = words(client.get(reverse("unions:node", args=[cast.street.pk])))
    assert "曾用名：五角场镇工会（至" in page
    assert "变动记录" not in page, "the district changes nothing"


def test_a_street_is_added_and_moved_by_the_pages(client, cast):
    there = second_district(cast)
    client.force_login(cast.platform_admin)
    add = reverse("superiors:add", args=[cast.district.pk])
    filled = {"kind": "street", "name": "长海路街道工会", "area": "长海路街道", "code": "010099"}
    assert "下面新增街镇(开发区)工会“长海路街道工会”" in words(client.post(add, filled))
    client.post(add, filled | {"confirmed": "yes"})
    street = TreeChange.objects.get(act=Act.ADDED).union
    move = reverse("superiors:move", args=[street.pk])
    filled = typed(street, above=there.pk, reason="区划调整")
    assert "由杨浦区总工会转到虹口区总工会" in words(client.post(move, filled))
    client.post(move, filled | {"confirmed": "yes"})
    assert ended(TreeChange.objects.get(act=Act.MOVED)).state == ChangeState.DONE
    assert live(street).superior == there


@pytest.mark.parametrize("name", ["move", "close", "add"])
def test_there_is_no_page_for_what_cannot_be_done(client, cast, name):
    client.force_login(cast.platform_admin)
    union = {"move": cast.district, "close": cast.city, "add": cast.street}[name]
    assert client.get(reverse(f"superiors:{name}", args=[union.pk])).status_code == 404
    assert client.get(reverse(f"superiors:{name}", args=[cast.union.pk])).status_code == 404


def test_a_closed_union_is_in_no_choice(client, cast):
    ended(begun_closing(cast, cast.street, cast.other_street))
    client.force_login(cast.newcomer)
    choices = client.get(reverse("filings:superiors"), {"entrance": "district", "level2": cast.district.pk})
    assert "新江湾城街道" in choices.text
    assert "五角场镇" not in choices.text


def test_the_list_asks_as_many_queries_for_100_rows_as_for_10(client, cast):
    client.force_login(cast.platform_admin)
    counts = []
    for more in (10, 90):
        TreeChange.objects.bulk_create(
            TreeChange(union=cast.street, act=Act.RENAMED, old="甲", new="乙", by=cast.platform_admin)
            for _ in range(more)
        )
        client.get(reverse("superiors:changes"))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("superiors:changes")).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
