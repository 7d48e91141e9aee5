"""「规则设定」: all above may read what holds in a union, its administrator decides."""

from dataclasses import replace

import pytest
from django.urls import reverse

from gonghui.policies.models import Policy
from gonghui.policies.queries import of_city
from tests.factories import make_user
from tests.policies.stories import bind, ruled

pytestmark = pytest.mark.django_db


def address(union) -> str:
    return reverse("policies:policy", args=[union.pk])


def test_the_administrator_comes_from_the_tree_and_decides(client, cast):
    client.force_login(cast.district_admin)
    assert address(cast.district) in client.get(reverse("unions:tree")).text
    response = client.post(address(cast.district), {"transfer_days": "7"}, follow=True)
    assert "已保存" in response.text
    assert Policy.objects.get().transfer_days == 7
    assert 'value="7"' in response.text


def test_a_number_above_the_superiors_is_told_at_the_field(client, cast):
    client.force_login(cast.district_admin)
    response = client.post(address(cast.district), {"transfer_days": "16"})
    assert response.status_code == 422
    assert "上海市总工会的规定是 15 天" in response.text
    assert 'aria-invalid="true"' in response.text
    assert 'value="16"' in response.text


def test_who_may_not_decide_reads_what_holds(client, cast):
    ruled(cast, "district_admin", transfer_days=7)
    ruled(cast, idle_minutes=20)
    client.force_login(cast.reviewer)
    page = client.get(address(cast.street)).text
    for text in ("没有设定", '<b class="num">7 天</b>', "7 天（杨浦区总工会）", "20 分钟（上海市总工会）"):
        assert text in page
    assert 'name="transfer_days"' not in page
    assert client.post(address(cast.street), {"transfer_days": "3"}).status_code == 409
    assert not Policy.objects.filter(union=cast.street).exists()
    assert client.get(address(cast.district)).status_code == 404


def test_the_own_number_may_be_taken_back(client, cast):
    ruled(cast, "district_admin", transfer_days=7)
    client.force_login(cast.district_admin)
    assert 'value="7"' in client.get(address(cast.district)).text
    client.post(address(cast.district), {"transfer_days": ""})
    assert Policy.objects.get().transfer_days is None


def test_what_was_not_sent_stays_as_it_is(client, cast):
    ruled(cast, transfer_days=7, code_lookups=5)
    client.force_login(cast.platform_admin)
    client.post(address(cast.city), {"code_lookups": "6"})
    assert Policy.objects.values_list("transfer_days", "code_lookups").get() == (7, 6)


def test_a_district_sets_its_own_and_reads_the_city_s(client, cast):
    client.force_login(cast.district_admin)
    page = client.get(address(cast.district))
    own = {"transfer_days", "merge_days", "lookup_misses", "code_lookups", "export_rows", "export_alone_rows"}
    assert set(page.context["form"].fields) == own
    for card in ("期限", "登录", "限额", "导出"):
        assert f">{card}</h2>" in page.text
    assert "30 分钟（上海市总工会）" in page.text
    client.post(address(cast.district), {"idle_minutes": "10"})
    assert not Policy.objects.exists(), "what is not offered is not read"


def test_the_second_factor_is_demanded_in_two_steps_with_the_number(client, cast):
    client.force_login(cast.platform_admin)
    sent = {"superiors_need_totp": "yes", "transfer_days": "9", "version": ""}
    refused = client.post(address(cast.city), sent)
    assert refused.status_code == 422
    assert "请先在“账号设置”的“动态口令”中启用" in refused.text
    assert "请先到<a" in refused.text
    assert 'value="9"' in refused.text
    bind(cast.platform_admin)
    asked = client.post(address(cast.city), sent)
    assert "现有 6 个上级工会的账号还没有启用动态口令" in asked.text
    assert "不要求 → <b>要求</b>" in asked.text
    assert not Policy.objects.exists()
    assert 'value="9"' in client.post(address(cast.city), sent | {"back": "yes"}).text
    assert client.post(address(cast.city), sent | {"sure": asked.context["sure"]}).status_code == 302
    assert of_city("superiors_need_totp")
    assert of_city("transfer_days") == 9


def test_who_confirms_another_number_than_there_is_by_now_is_asked_again(client, cast):
    bind(cast.platform_admin)
    client.force_login(cast.platform_admin)
    sent = {"superiors_need_totp": "yes"}
    sure = client.post(address(cast.city), sent).context["sure"]
    make_user(cast.street, "viewer")
    asked = client.post(address(cast.city), sent | {"sure": sure})
    assert asked.status_code == 200
    assert "现有 7 个" in asked.text
    assert not of_city("superiors_need_totp")


def test_what_the_operator_demands_is_shown_and_not_offered(client, cast, settings):
    bind(cast.platform_admin)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, superiors_need_totp=True)
    client.force_login(cast.platform_admin)
    page = client.get(address(cast.city))
    assert "superiors_need_totp" not in page.context["form"].fields
    assert "运维人员规定" in page.text
    client.post(address(cast.city), {"superiors_need_totp": "no"})
    assert of_city("superiors_need_totp")


def test_a_page_that_is_out_of_date_is_told_so_and_keeps_what_was_typed(client, cast):
    client.force_login(cast.platform_admin)
    version = client.get(address(cast.city)).context["version"]
    ruled(cast, code_lookups=5)
    sent = {"code_lookups": "", "transfer_days": "9", "version": version}
    stale = client.post(address(cast.city), sent)
    assert stale.status_code == 422
    assert "您的修改没有保存" in stale.text
    assert 'value="9"' in stale.text
    assert client.post(address(cast.city), sent | {"version": stale.context["version"]}).status_code == 302
    assert of_city("transfer_days") == 9


def test_a_notice_leads_everybody_to_the_own_page(client, cast):
    client.force_login(cast.district_admin)
    assert client.get(reverse("policies:own")).url == address(cast.district)
    client.force_login(cast.claimant)
    assert client.get(reverse("policies:own")).status_code == 404


@pytest.mark.parametrize("who", ["platform_admin", "district_admin", "reviewer"])
def test_the_page_asks_the_same_statements_whatever_is_set(client, cast, who, django_assert_max_num_queries):
    user = getattr(cast, who)
    client.force_login(user)
    ruled(cast, transfer_days=7, idle_minutes=20, export_rows=500)
    ruled(cast, "district_admin", transfer_days=5)
    client.get(address(user.union))
    with django_assert_max_num_queries(7):
        client.get(address(user.union))
