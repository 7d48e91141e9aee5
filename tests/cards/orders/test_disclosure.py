"""The card maker's file leaves by the one door: many rows are approved by a second person (SPEC 5.5, ADR 57)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.models import Role, User
from gonghui.cards.models import Order
from gonghui.cards.orders import actions as orders
from gonghui.cards.orders.disclosure import disclose
from gonghui.cards.states import OrderState
from gonghui.exports import actions as disclosures
from gonghui.exports.models import Export, ExportState
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from tests.cards.stories import approved, file_of, gathered
from tests.exports.stories import approved as agreed
from tests.factories import live, make_member, make_user
from tests.policies.stories import ruled

pytestmark = pytest.mark.django_db


def second_of(cast) -> User:
    return make_user(cast.platform_admin.union, Role.PLATFORM_ADMIN, name="第二平台管理员")


def large(cast) -> Order:
    """Of more people than one alone may have."""
    ruled(cast, export_alone_rows=1)
    return gathered(cast, approved(cast, make_member(cast.union), make_member(cast.union)))


def test_up_to_some_rows_one_alone_has_it_and_it_is_listed_too(cast):
    order = gathered(cast, approved(cast))
    assert orders.export_order(order, by=cast.platform_admin).state == OrderState.EXPORTED
    export = Export.objects.get()
    assert (export.state, export.second, export.rows, export.fetched) == (ExportState.READY, False, 1, 1)
    orders.export_order(order, by=cast.platform_admin)
    assert live(export).fetched == 2


def test_above_them_it_waits_for_a_second_person_and_then_leaves_as_it_was_built(cast):
    second, order = second_of(cast), large(cast)
    before = file_of(order)
    with pytest.raises(Refused, match=r"等待.*批准"):
        orders.export_order(order, by=cast.platform_admin)
    assert live(order).state == OrderState.READY
    export = Export.objects.get()
    assert (export.state, export.total) == (ExportState.PENDING, 2)
    assert Notice.objects.filter(user=second, title__contains="申请导出制卡文件").exists()
    agreed(export, second)
    assert live(export).state == ExportState.READY
    assert file_of(orders.export_order(order, by=cast.platform_admin)) == before
    assert live(order).state == OrderState.EXPORTED


def test_a_refusal_has_a_reason_and_the_next_click_asks_anew(cast):
    second, order = second_of(cast), large(cast)
    export = disclose(order, by=cast.platform_admin)
    with pytest.raises(Refused, match="请填写不批准的原因"):
        disclosures.decide(export, approved=False, by=second)
    disclosures.decide(export, approved=False, opinion="制卡方有变化", by=second)
    assert disclose(order, by=cast.platform_admin).pk != export.pk


def test_nobody_approves_his_own(cast):
    second_of(cast)
    export = disclose(large(cast), by=cast.platform_admin)
    with pytest.raises(Refused, match="不能由您自己批准"):
        disclosures.decide(export, approved=True, rows=2, by=cast.platform_admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.filter(pk=export.pk).update(decided_by=cast.platform_admin, decided_at=timezone.now())


def test_a_desk_with_one_account_has_nobody_who_could_approve(cast):
    order = large(cast)
    with pytest.raises(Refused, match="没有其他可以批准的账号"):
        orders.export_order(order, by=cast.platform_admin)
    assert not Export.objects.exists()


def test_what_was_approved_for_one_is_asked_for_again_by_another(cast):
    second, order = second_of(cast), large(cast)
    agreed(disclose(order, by=cast.platform_admin), second)
    with pytest.raises(Refused, match=r"等待.*批准"):
        orders.export_order(order, by=second)


def test_asked_twice_one_request_waits(cast):
    second_of(cast)
    order = large(cast)
    assert disclose(order, by=cast.platform_admin).pk == disclose(order, by=cast.platform_admin).pk
    assert Export.objects.filter(state=ExportState.PENDING).count() == 1


def test_called_back_before_it_is_fetched_it_does_not_leave(cast):
    second, order = second_of(cast), large(cast)
    export = disclose(order, by=cast.platform_admin)
    agreed(export, second)
    disclosures.recall(live(export), reason="用途不对", by=second)
    with pytest.raises(Refused, match=r"等待.*批准"):
        orders.export_order(order, by=cast.platform_admin)
    assert live(order).state == OrderState.READY


def test_called_back_between_the_look_and_the_handing_out_it_does_not_leave(cast, monkeypatch):
    second, order = second_of(cast), large(cast)
    export = agreed(disclose(order, by=cast.platform_admin), second)

    def looked(order, by):
        disclosures.recall(live(export), reason="用途不对", by=second)
        return export

    monkeypatch.setattr(orders, "disclose", looked)
    with pytest.raises(Refused, match="收回，不能再下载"):
        orders.export_order(order, by=cast.platform_admin)


def test_an_approval_is_over_after_a_day(cast):
    second, order = second_of(cast), large(cast)
    export = agreed(disclose(order, by=cast.platform_admin), second)
    Export.objects.filter(pk=export.pk).update(ended_at=timezone.now() - timedelta(hours=25))
    with pytest.raises(Refused, match=r"等待.*批准"):
        orders.export_order(order, by=cast.platform_admin)


def test_a_cancelled_order_asks_nobody_any_more(cast):
    second, order = second_of(cast), large(cast)
    export = disclose(order, by=cast.platform_admin)
    orders.cancel_order(order, by=cast.platform_admin)
    assert live(export).state == ExportState.RECALLED
    with pytest.raises(Refused, match="收回"):
        agreed(export, second)


def test_whoever_does_not_run_the_desk_any_more_gets_nothing(cast):
    second, order = second_of(cast), large(cast)
    agreed(disclose(order, by=cast.platform_admin), second)
    User.objects.filter(pk=cast.platform_admin.pk).update(is_active=False)
    with pytest.raises(Refused, match="平台管理员"):
        orders.export_order(order, by=live(cast.platform_admin))


def test_from_the_orders_page_it_is_asked_for_seen_and_fetched_where_it_always_was(cast, client):
    second, order = second_of(cast), large(cast)
    client.force_login(cast.platform_admin)
    page, file = (reverse(f"cards:{name}", args=[order.pk]) for name in ("order", "export"))
    assert "申请导出制卡文件" in client.get(page).content.decode()
    answer = client.post(file)
    export = Export.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("exports:export", args=[export.pk]))
    assert "等待第二人同意" in client.get(page).content.decode()
    client.force_login(second)
    text = client.get(reverse("exports:export", args=[export.pk])).content.decode()
    for words in (order.number, "交给制卡方", cast.platform_admin.name):
        assert words in text
    agreed(export, second)
    client.force_login(cast.platform_admin)
    assert page in client.get(reverse("exports:export", args=[export.pk])).content.decode()
    assert b"".join(client.post(file).streaming_content) == file_of(order)


@pytest.mark.parametrize("who", ["officer", "district_admin", "reviewer"])
def test_a_stranger_finds_neither_the_order_nor_the_request(cast, client, who):
    second_of(cast)
    order = large(cast)
    export = disclose(order, by=cast.platform_admin)
    client.force_login(getattr(cast, who))
    assert client.post(reverse("cards:export", args=[order.pk])).status_code == 404
    assert client.get(reverse("exports:export", args=[export.pk])).status_code == 404
