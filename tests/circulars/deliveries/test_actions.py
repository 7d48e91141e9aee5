"""A circular's way through the unions: in batches, once each, taken up again; and 「催办」."""

import pytest

from gonghui.circulars import actions as circulars
from gonghui.circulars.deliveries import actions
from gonghui.circulars.models import Delivery, Receipt
from gonghui.circulars.receipts.actions import confirm, mark_read
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from tests.circulars.stories import delivered, drafted, receipt, sent

pytestmark = pytest.mark.django_db


def begun(cast, **other):
    draft = drafted(cast, **other)
    return circulars.send(draft, version=draft.version, by=cast.district_admin)


def test_it_goes_in_batches_and_a_repeated_run_notifies_nobody_twice(cast, monkeypatch):
    monkeypatch.setattr(actions, "BATCH", 1)
    circular = begun(cast)
    delivery = circular.deliveries.get()
    assert actions.deliver_next(delivery.pk)
    assert Receipt.objects.count() == 1
    assert delivered(circular).reached == 4
    assert not actions.deliver_next(delivery.pk), "a job that comes twice finds nothing to do"
    assert Notice.objects.filter(user=cast.officer).count() == 1


def test_an_interrupted_one_is_told_and_goes_on_where_it_stopped(cast, monkeypatch):
    monkeypatch.setattr(actions, "BATCH", 1)
    circular = begun(cast)
    delivery = circular.deliveries.get()
    actions.deliver_next(delivery.pk)
    actions.give_up(delivery.pk)
    notice = Notice.objects.filter(user=cast.district_admin).latest("pk")
    assert "发送中断：已通知 1 家工会" in notice.body
    assert "继续发送" in notice.body
    with pytest.raises(Refused, match="请先点“继续发送”"):
        actions.remind(circular, by=cast.district_admin)
    actions.resume(circular, by=cast.district_admin)
    delivered(circular)
    assert Receipt.objects.count() == 4
    assert Notice.objects.filter(kind="circular", user__in=[cast.officer, cast.reviewer]).count() == 2
    with pytest.raises(Refused, match="没有中断"):
        actions.resume(circular, by=cast.district_admin)


def test_giving_up_what_has_ended_changes_nothing(cast):
    circular = sent(cast)
    actions.give_up(circular.deliveries.get().pk)
    assert not Delivery.objects.filter(interrupted=True).exists()


def test_a_reminder_goes_to_those_who_have_not_answered_once_a_day(cast):
    circular = sent(cast, confirm=True)
    confirm(circular, by=cast.officer)
    assert actions.remind(circular, by=cast.district_admin) == 3
    delivered(circular)
    assert Notice.objects.filter(user=cast.officer).count() == 1
    reminded = Notice.objects.filter(user=cast.neighbour_officer).latest("pk")
    assert "还没有签收" in reminded.title
    with pytest.raises(Refused, match="一天只催办一次"):
        actions.remind(circular, by=cast.district_admin)


def test_a_reminder_waits_for_the_delivery_and_for_somebody_left(cast):
    circular = begun(cast)
    with pytest.raises(Refused, match="还在发送途中"):
        actions.remind(circular, by=cast.district_admin)
    delivered(circular)
    for who in ("officer", "neighbour_officer", "reviewer", "other_reviewer"):
        user = getattr(cast, who)
        mark_read(receipt(circular, user.union), by=user)
    with pytest.raises(Refused, match="没有需要催办的工会"):
        actions.remind(circular, by=cast.district_admin)


@pytest.mark.parametrize("act", [actions.remind, actions.resume])
def test_only_the_senders_administrator_reminds_and_resumes(cast, act):
    circular = sent(cast)
    with pytest.raises(Refused, match="只有发送通知的工会的管理员可以办理"):
        act(circular, by=cast.reviewer)
