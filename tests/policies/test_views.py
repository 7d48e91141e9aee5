"""「期限设定」: all above may read what holds in a union, its administrator decides."""

import pytest
from django.urls import reverse

from gonghui.policies.models import Policy

pytestmark = pytest.mark.django_db


def address(union) -> str:
    return reverse("policies:policy", args=[union.pk])


def test_the_administrator_comes_from_the_tree_and_decides(client, cast):
    client.force_login(cast.district_admin)
    assert address(cast.district) in client.get(reverse("unions:tree")).text
    response = client.post(address(cast.district), {"transfer_days": "7"}, follow=True)
    assert "已保存" in response.text
    assert Policy.objects.get().transfer_days == 7
    assert '<b class="num">7 天</b>' in response.text


def test_a_number_above_the_superiors_is_told_at_the_field(client, cast):
    client.force_login(cast.district_admin)
    response = client.post(address(cast.district), {"transfer_days": "16"})
    assert response.status_code == 422
    assert "上海市总工会规定的期限是 15 天" in response.text
    assert 'aria-invalid="true"' in response.text


def test_who_may_not_decide_reads_what_holds(client, cast):
    Policy.objects.create(union=cast.district, transfer_days=7, set_by=cast.district_admin)
    client.force_login(cast.reviewer)
    page = client.get(address(cast.street)).text
    assert "没有设定" in page
    assert '<b class="num">7 天</b>' in page
    assert 'name="transfer_days"' not in page
    client.post(address(cast.street), {"transfer_days": "3"})
    assert not Policy.objects.filter(union=cast.street).exists()
    assert client.get(address(cast.district)).status_code == 404


def test_the_own_number_may_be_taken_back(client, cast):
    Policy.objects.create(union=cast.district, transfer_days=7, set_by=cast.district_admin)
    client.force_login(cast.district_admin)
    assert 'value="7"' in client.get(address(cast.district)).text
    client.post(address(cast.district), {"transfer_days": "", "sent": "yes"})
    assert Policy.objects.get().transfer_days is None
