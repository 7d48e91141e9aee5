"""「撤销本次导入」 within a day, for everybody whom nobody has touched since."""

from datetime import timedelta

import pghistory
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gonghui.audit.models import Entry
from gonghui.imports import job
from gonghui.imports.actions import undo_batch
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.errors import Refused
from gonghui.members.fields import MemberValues
from gonghui.members.models import Member, Membership
from gonghui.members.register.actions import edit_member, version_of
from gonghui.members.register.forms import values_of
from gonghui.transfers.departures.actions import release
from tests.markup import markup
from tests.members.roster.test_actions import everybody, joined, send, taken
from tests.workbooks import member_row

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def done(cast, *rows, **sent) -> Batch:
    """The rows, whatever they are, taken in."""
    batch = send(cast, *rows, **sent)
    if batch.state == ImportState.QUEUED:
        job.run_batch(batch.pk)
        return Batch.objects.get(pk=batch.pk)
    return taken(cast, batch, "new", "returning", "changed")


def undone(cast, batch: Batch) -> Batch:
    return undo_batch(batch, by=cast.officer)


def edited(cast, member: Member) -> None:
    """As by a request of the officer's, whose history names him and no import."""
    values = MemberValues(**values_of(member))._replace(mobile="19911112222")
    with pghistory.context(user=cast.officer.pk):
        edit_member(member, values, version=version_of(member), by=cast.officer)


def test_each_sort_is_undone_in_its_way(cast):
    rows = everybody(cast)
    before = {member.pk: (member.union_id, member.education) for member in Member.objects.all()}
    batch = undone(cast, done(cast, *rows))
    assert batch.state == ImportState.UNDONE
    assert "删除新增的会员 1 人，恢复为无工会 1 人，改回原来的资料 1 人" in batch.message
    assert {member.pk: (member.union_id, member.education) for member in Member.objects.all()} == before
    cast.union.refresh_from_db()
    assert cast.union.member_count == cast.union.members.count() == 2
    assert Entry.objects.filter(verb="import.undone", object_id=batch.pk, actor_id=cast.officer.pk).exists()


def test_the_number_of_who_went_out_is_not_given_again_and_the_history_keeps_the_row(cast):
    batch = done(cast, member_row(1))
    number = Member.objects.get().number
    undone(cast, batch)
    assert not Member.objects.exists()
    assert not Membership.objects.exists()
    assert Member.events.rel.related_model.objects.filter(number=number).exists()
    done(cast, member_row(1))
    assert Member.objects.get().number > number


@pytest.mark.django_db(transaction=True)  # each act at its own time
def test_who_was_touched_since_stays_and_is_listed_with_the_reason(cast, client):
    batch = done(cast, member_row(1), member_row(2), member_row(3))
    touched, moved, _ = cast.union.members.order_by("pk")
    edited(cast, touched)
    release(cast.union, [moved.pk], to=None, reason="resigned", note="", by=cast.officer)
    batch = undone(cast, batch)
    assert set(Member.objects.all()) == {touched, moved}
    assert "1 人在导入以后已有变化" in batch.message
    assert "1 人已转出本工会" in batch.message
    client.force_login(cast.officer)
    page = client.get(reverse("imports:batch", args=[batch.pk])).content.decode()
    assert touched.name in page
    assert "导入以后已有修改或其他办理" in page


def test_who_is_offered_to_another_union_stays(cast):
    batch = done(cast, member_row(1))
    member = Member.objects.get()
    release(cast.union, [member.pk], to=cast.neighbour, reason="", note="", by=cast.officer)
    undone(cast, batch)
    assert Member.objects.get() == member


def test_a_change_is_undone_to_what_was_before_the_import(cast):
    member = joined(cast, 1)
    old = member.mobile
    batch = done(cast, member_row(1, mobile="19911112222", education="硕士研究生"))
    undone(cast, batch)
    found = Member.objects.get()
    assert (found.mobile, found.education) == (old, member.education)


def test_not_after_a_day(cast):
    batch = done(cast, member_row(1))
    Batch.objects.filter(pk=batch.pk).update(ended_at=timezone.now() - timedelta(hours=25))
    with pytest.raises(Refused, match="超过 24 小时"):
        undone(cast, batch)
    assert Member.objects.exists()


def test_not_twice_nor_by_others_nor_what_is_not_done(cast):
    batch = done(cast, member_row(1))
    for by in (cast.neighbour_officer, cast.reviewer):
        with pytest.raises(Refused):
            undo_batch(batch, by=by)
    undone(cast, batch)
    with pytest.raises(Refused, match="已撤销"):
        undone(cast, batch)
    waiting = send(cast, member_row(2, mobile="1"))
    with pytest.raises(Refused, match="校验未通过"):
        undone(cast, waiting)


def test_not_while_an_import_is_in_work(cast):
    batch = done(cast, member_row(1))
    send(cast, member_row(2))
    with pytest.raises(Refused, match="正在处理中"):
        undone(cast, batch)


def test_the_page_tells_the_sums_first_and_undoes(client, cast):
    batch = done(cast, member_row(1), member_row(2))
    client.force_login(cast.officer)
    page = markup(client.get(reverse("imports:batch", args=[batch.pk])))
    assert "删除新增的会员 2 人" in page
    done_page = client.post(reverse("imports:undo", args=[batch.pk]), follow=True).content.decode()
    assert "已撤销：删除新增的会员 2 人" in done_page
    assert "撤销本次导入" not in done_page


def test_many_ask_as_many_queries_as_few(cast):
    counts = []
    for first, last in ((1, 4), (10, 60)):
        batch = done(cast, *(member_row(seed) for seed in range(first, last)))
        with CaptureQueriesContext(connection) as queries:
            undone(cast, batch)
        counts.append(len(queries))
    assert counts[0] == counts[1]
