"""The city's card desk (SPEC 4.4): gather, build, export the same bytes, cancel, try again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gonghui.audit.models import Entry
from gonghui.cards import queries
from gonghui.cards.applications.actions import withdraw_members
from gonghui.cards.makers.base import sm3
from gonghui.cards.makers.fixed_columns import FixedColumns
from gonghui.cards.models import Batch, Line, Order, Part
from gonghui.cards.orders import actions as orders
from gonghui.cards.queries import order_of, waiting_groups
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from tests.cards.stories import answer, approved, exported, file_of, gathered, only, read, submitted
from tests.factories import change_member, live, make_member

pytestmark = pytest.mark.django_db


def gather(cast, *batches, purpose="new", foreign=False, by=None) -> Order:
    return orders.gather(
        purpose, foreign=foreign, batches=[batch.pk for batch in batches], by=by or cast.platform_admin
    )


def test_approved_batches_are_gathered_into_one_order(cast):
    batch = approved(cast, make_member(cast.union), make_member(cast.union))
    order = gather(cast, batch)
    assert (order.state, order.count, order.serial) == ("building", 2, 1)
    assert order.number == f"{order.day:%Y%m%d}0001"
    assert live(batch).state == "making"
    assert {application.state for application in batch.applications.all()} == {"making"}
    assert Entry.objects.filter(verb="cardorder.gathered", data__count=2, actor=cast.platform_admin).exists()


def test_the_file_holds_what_is_in_the_register(cast):
    member = make_member(cast.union, name="王小明", address="杨浦区示例路1号", mobile="19900001234")
    batch = approved(cast, member)
    order = gathered(cast, batch)
    head, (record,) = FixedColumns().read_order(order.parts.contents)
    assert (head.order, head.count, head.purpose, head.foreign) == (order.number, 1, "new", False)
    assert (record.name, record.printed_name, record.member_number) == ("王小明", "王小明", member.number)
    assert record.document_number == member.document_number
    assert (record.address, record.mobile, record.nczy) == ("杨浦区示例路1号", "19900001234", "010")
    assert (record.union_code, record.union_name) == (batch.code, cast.union.name)


def test_every_export_gives_the_same_bytes_and_is_recorded(cast):
    order = gathered(cast, approved(cast, *(make_member(cast.union) for _ in range(5))))
    first = file_of(orders.export_order(order, by=cast.platform_admin))
    for member in Member.objects.all():
        change_member(member, address="搬家了")  # later changes are not in it
    second = file_of(orders.export_order(order, by=cast.platform_admin))
    assert first == second
    assert len(first) == live(order).size
    assert sm3([first[:-87]]) == live(order).digest
    assert live(order).state == "exported"
    assert Entry.objects.filter(verb="cardorder.exported", data__digest=live(order).digest).count() == 2


def test_the_parts_are_sealed(cast):
    order = gathered(cast, approved(cast, make_member(cast.union, name="王小明")))
    whole = b"".join(bytes(part.content_sealed) for part in Part.objects.filter(order=order))
    assert "王小明".encode("gb18030") not in whole


def test_built_twice_it_is_built_once(cast):
    order = gathered(cast, approved(cast))
    before = file_of(order)
    orders.build(order.pk)
    assert file_of(order) == before
    assert Entry.objects.filter(verb="cardorder.built").count() == 1


def test_who_does_not_pass_any_more_is_left_out_with_the_reason(cast):
    good, late = make_member(cast.union), make_member(cast.union)
    batch = approved(cast, good, late)
    order = gather(cast, batch)
    change_member(late, address="路" * 41)
    orders.build(order.pk)
    head, records = FixedColumns().read_order(order.parts.contents)
    assert [record.member_number for record in records] == [good.number]
    assert (head.count, live(order).sent, live(order).count) == (1, 1, 2)
    left_out = batch.applications.get(member=late)
    assert left_out.state == "failed"
    assert "联系地址不能超过40个字符" in left_out.remark
    assert Line.objects.get(application=left_out).state == "left_out"


def test_when_nobody_passes_there_is_no_file(cast):
    batch = approved(cast)
    order = gather(cast, batch)
    Member.objects.filter(pk=only(batch).member_id).update(name="王换名")
    orders.build(order.pk)
    assert (live(order).state, live(order).parts.count()) == ("cancelled", 0)
    assert "审核之后已修改" in only(batch).remark
    with pytest.raises(Refused, match="已取消，没有可以导出的文件"):
        orders.export_order(order, by=cast.platform_admin)


def test_only_the_citys_platform_administrators_run_the_desk(cast):
    batch = approved(cast)
    for by in (cast.officer, cast.reviewer, cast.district_admin):
        with pytest.raises(Refused, match="平台管理员"):
            gather(cast, batch, by=by)
    order = gathered(cast, batch)
    for by in (cast.officer, cast.district_admin):
        with pytest.raises(Refused, match="平台管理员"):
            orders.export_order(order, by=by)
        with pytest.raises(Refused, match="平台管理员"):
            orders.cancel_order(order, by=by)


def test_whoever_has_lost_the_role_meanwhile_exports_nothing(cast):
    order = gathered(cast, approved(cast))
    type(cast.platform_admin).objects.filter(pk=cast.platform_admin.pk).update(roles=["viewer"])
    with pytest.raises(Refused, match="平台管理员"):
        orders.export_order(order, by=cast.platform_admin)
    assert live(order).state == "ready"


def test_what_is_gathered_already_does_not_wait_and_is_not_approved_or_of_another_kind_is_refused(cast):
    batch = approved(cast)
    for wrong in ({"purpose": "loss"}, {"foreign": True}):
        with pytest.raises(Refused, match="1 个批次已不在待制卡之列"):
            gather(cast, batch, **wrong)
    gather(cast, batch)
    with pytest.raises(Refused, match="1 个批次已不在待制卡之列"):
        gather(cast, batch)
    with pytest.raises(Refused, match="先勾选"):
        gather(cast)
    assert Order.objects.count() == 1


def test_a_batch_under_review_is_not_gathered(cast):
    with pytest.raises(Refused, match="不在待制卡之列"):
        gather(cast, submitted(cast))


def test_an_order_is_cancelled_until_it_was_exported(cast):
    batch = approved(cast)
    order = gathered(cast, batch)
    orders.cancel_order(order, by=cast.platform_admin)
    assert (live(order).state, live(batch).state, only(batch).state) == ("cancelled", "approved", "approved")
    assert not Part.objects.exists()
    second = exported(cast, batch)
    assert second.serial == 2
    with pytest.raises(Refused, match="不能取消"):
        orders.cancel_order(second, by=cast.platform_admin)


def test_a_file_that_is_not_built_yet_is_not_exported(cast):
    order = gather(cast, approved(cast))
    with pytest.raises(Refused, match="正在生成"):
        orders.export_order(order, by=cast.platform_admin)


def test_those_who_failed_are_tried_again_in_a_new_order(cast):
    members = [make_member(cast.union) for _ in range(3)]
    batch = approved(cast, *members)
    order = exported(cast, batch)
    read(cast, order, answer(order, failed=[2, 3]))
    assert live(batch).state == "failed"
    change_member(members[2], address="路" * 41)
    second, unfit = orders.retry(order, by=cast.platform_admin)
    assert second.count == 1
    assert "联系地址不能超过40个字符" in unfit[0]
    orders.build(second.pk)
    read(cast, orders.export_order(second, by=cast.platform_admin), answer(second))
    states = dict(batch.applications.values_list("member", "state"))
    assert states == {members[0].pk: "made", members[1].pk: "made", members[2].pk: "failed"}
    with pytest.raises(Refused, match="没有可以重新制卡的会员"):
        orders.retry(order, by=cast.platform_admin)


def test_the_file_is_in_the_order_of_unions_so_that_cards_can_be_packed(cast):
    batches = [approved(cast, make_member(cast.union), make_member(cast.union))]
    order = gathered(cast, *batches)
    sequences = list(Line.objects.filter(order=order).order_by("sequence").values_list("sequence", "application"))
    assert [sequence for sequence, _ in sequences] == [1, 2]
    assert [sequence for _, sequence in sequences] == sorted(sequence for _, sequence in sequences)


def test_files_are_forgotten_when_the_order_has_ended_for_half_a_year(cast):
    order = exported(cast, approved(cast))
    result = read(cast, order, answer(order))
    orders.drop_old_files(timezone.now())
    assert not Part.objects.exists()
    assert not result.parts.exists()
    with pytest.raises(Refused, match="已按期限删除"):
        orders.export_order(order, by=cast.platform_admin)
    waiting = exported(cast, approved(cast, order.lines.get().application.member, purpose="loss"))
    orders.drop_old_files(timezone.now())
    assert waiting.parts.exists()


def test_many_members_are_written_with_as_many_statements_as_few(cast):
    counts = []
    for size in (3, 60):
        batch = approved(cast, *(make_member(cast.union) for _ in range(size)))
        order = gather(cast, batch)
        with CaptureQueriesContext(connection) as queries:
            orders.build(order.pk)
        counts.append(len(queries))
        orders.cancel_order(order, by=cast.platform_admin)
        withdraw_members(batch, [application.pk for application in batch.applications.all()], by=cast.officer)
    assert counts[0] == counts[1]


def test_a_batch_is_in_its_newest_order_that_was_not_cancelled(cast):
    """Sought as a maximum: the first of an order by ids goes through the lines of all orders."""
    batch = approved(cast, make_member(cast.union))
    assert order_of(batch) is None
    orders.cancel_order(gathered(cast, batch), by=cast.platform_admin)
    assert order_of(batch) is None
    order = gather(cast, batch)
    with CaptureQueriesContext(connection) as asked:
        assert order_of(batch) == order
    (statement,) = asked
    assert "MAX(" in statement["sql"]


def test_the_desk_counts_who_waits_in_the_batches_that_it_shows_and_no_others(cast, monkeypatch):
    monkeypatch.setattr(queries, "MAX_BATCHES", 1)
    first = approved(cast, make_member(cast.union), make_member(cast.union))
    Batch.objects.filter(pk=first.pk).update(day=first.day - timedelta(days=1))
    approved(cast, make_member(cast.union))
    with CaptureQueriesContext(connection) as asked:
        (group,), newer = waiting_groups()
    assert (len(group.batches), group.people, newer) == (1, 2, 1)
    assert len(asked) == 3
    assert "GROUP BY" not in asked[0]["sql"]


def test_the_desk_says_how_many_batches_come_after_those_that_it_shows(cast, client, monkeypatch):
    first = approved(cast, make_member(cast.union))
    Batch.objects.filter(pk=first.pk).update(day=first.day - timedelta(days=1))
    approved(cast, make_member(cast.union))
    client.force_login(cast.platform_admin)
    assert "没有列出" not in client.get("/cards/desk/").content.decode()
    monkeypatch.setattr(queries, "MAX_BATCHES", 2)
    assert "没有列出" not in client.get("/cards/desk/").content.decode()
    monkeypatch.setattr(queries, "MAX_BATCHES", 1)
    assert "个较晚的没有列出" in client.get("/cards/desk/").content.decode()
