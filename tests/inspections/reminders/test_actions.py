"""Who is told, when, once: opening, extension, 「催办」, the system's own reminders (SPEC 2.6, 7.1)."""

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from gonghui.accounts.models import Role, User
from gonghui.audit.models import Entry
from gonghui.inspections.models import Mailing, Reminder, Window
from gonghui.inspections.reminders import actions as reminders
from gonghui.inspections.windows.actions import close_window, extend_window
from gonghui.kit.errors import Refused
from gonghui.notices.models import Mail, Notice
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union
from tests.factories import live, make_union, make_user
from tests.inspections.stories import confirmed, day, opened

pytestmark = pytest.mark.django_db


def tell(mailing: Mailing) -> Mailing:
    """What the job does."""
    while reminders.tell_next(mailing.pk):
        pass
    mailing.refresh_from_db()
    return mailing


def told(window: Window) -> set[User]:
    return {notice.user for notice in Notice.objects.filter(title__contains=str(window))}


def more_unions(street: Union, count: int) -> list[Union]:
    unions = [make_union(UnionKind.GRASSROOTS, street) for _ in range(count)]
    for union in unions:
        make_user(union)
    return unions


# The opening


def test_opening_tells_the_officers_in_scope_by_bell_and_mail_and_the_superiors_by_bell(cast):
    window = opened(cast, cast.district)
    mailing = tell(window.mailings.get())
    officers = {cast.officer, cast.neighbour_officer}
    superiors = {cast.platform_admin, cast.district_admin, cast.reviewer, cast.viewer, cast.other_reviewer}
    assert told(window) == officers | superiors
    assert set(Mail.objects.values_list("to", flat=True)) == {officer.email for officer in officers}
    assert mailing.told == 2
    assert "以确认年检" in Notice.objects.get(user=cast.officer).body


def test_batches_reach_everybody_once_and_a_second_run_nobody(cast, monkeypatch):
    monkeypatch.setattr(reminders, "BATCH", 2)
    unions = more_unions(cast.street, 5)
    window = opened(cast)
    mailing = window.mailings.get()
    assert reminders.tell_next(mailing.pk)
    mailing.refresh_from_db()
    assert (mailing.told, mailing.ended_at) == (2, None)
    tell(mailing)
    tell(mailing)  # the job is run again after its worker was killed
    assert Mail.objects.count() == 3 + len(unions)
    assert Notice.objects.filter(user=cast.reviewer).count() == 1
    assert mailing.ended_at


def test_telling_more_unions_asks_no_more_queries(cast, django_assert_max_num_queries):
    more_unions(cast.street, 60)
    mailing = opened(cast).mailings.get()
    with django_assert_max_num_queries(18):
        reminders.tell_next(mailing.pk)
    assert Mail.objects.count() == 63


def test_a_window_of_later_is_told_of_when_it_begins(cast):
    window = opened(cast, begins=3)
    assert not window.mailings.exists()
    reminders.begin_due_mailings()
    assert not window.mailings.exists()
    Window.objects.filter(pk=window.pk).update(begins_on=day(0))
    reminders.begin_due_mailings()
    reminders.begin_due_mailings()
    assert window.mailings.get().occasion == Mailing.Occasion.OPENED


def test_nobody_is_told_of_a_window_that_was_closed_meanwhile(cast):
    window = opened(cast)
    close_window(window, reason="日期有误", by=cast.platform_admin)
    assert tell(window.mailings.get(occasion="opened")).told == 0
    assert not Notice.objects.exists()


def test_a_later_deadline_is_told_to_those_who_are_not_done(cast):
    window = opened(cast)
    confirmed(cast, window)
    extend_window(window, deadline=day(40), reason="给新建工会多留时间", by=cast.platform_admin)
    tell(window.mailings.get(occasion="extended"))
    assert told(window) == {cast.neighbour_officer, cast.far_officer}
    assert "给新建工会多留时间" in Notice.objects.get(user=cast.far_officer).body


# The end


def asked(window: Window) -> set[User]:
    """Whom a notice still asks to confirm."""
    return {notice.user for notice in Notice.objects.filter(read_at=None, kind=f"inspection.{window.subject}")}


def test_a_window_that_is_closed_asks_nobody_any_more(cast, monkeypatch):
    monkeypatch.setattr(reminders, "BATCH", 2)
    window = opened(cast)
    tell(window.mailings.get())
    other = opened(cast, subject="members")
    tell(other.mailings.get())
    assert asked(window) == asked(other) == {cast.officer, cast.neighbour_officer, cast.far_officer}
    Union.objects.filter(pk=cast.far_officer.union_id).update(state="dissolved")
    close_window(window, reason="日期有误", by=cast.platform_admin)
    mailing = tell(window.mailings.get(occasion="ended"))
    assert asked(window) == set()
    assert len(asked(other)) == 3
    assert (mailing.told, bool(mailing.ended_at)) == (0, True)
    reminders.begin_due_mailings()
    assert window.mailings.filter(occasion="ended").count() == 1


def test_nobody_is_asked_after_the_deadline_nor_after_a_later_one(cast):
    window = opened(cast)
    tell(window.mailings.get())
    reminders.begin_due_mailings()
    endings = window.mailings.filter(occasion="ended")
    assert not endings.exists()
    for times in (1, 2):
        Window.objects.filter(pk=window.pk).update(begins_on=day(-30), deadline=day(-1))
        reminders.begin_due_mailings()
        reminders.begin_due_mailings()
        tell(endings.get(ended_at=None))
        assert asked(window) == set()
        reminders.begin_due_mailings()
        assert endings.count() == times
        endings.update(day=day(-2))  # some days pass until the window is extended
        window = extend_window(live(window), deadline=day(5), reason="再等几天", by=cast.platform_admin)
        tell(window.mailings.get(occasion="extended", ended_at=None))
        assert asked(window) == {cast.officer, cast.neighbour_officer, cast.far_officer}


def test_a_window_that_is_extended_meanwhile_asks_on(cast):
    window = opened(cast)
    tell(window.mailings.get())
    reminders.begin_ending(window)
    tell(window.mailings.get(occasion="ended"))
    assert len(asked(window)) == 3


# The system's own reminders


@pytest.mark.server
@pytest.mark.parametrize(("left", "reminds"), [(8, False), (7, True), (6, False), (2, False), (1, True), (0, False)])
def test_the_system_reminds_seven_days_and_one_day_before(cast, left, reminds):
    window = opened(cast, deadline=left)
    confirmed(cast, window)
    reminders.begin_due_mailings()
    mailings = window.mailings.filter(occasion="reminder")
    assert mailings.exists() == reminds
    if reminds:
        tell(mailings.get())
        assert told(window) == {cast.neighbour_officer, cast.far_officer}


def test_the_systems_reminder_comes_once_a_day_however_often_the_calendar_is_asked(cast):
    window = opened(cast, deadline=7)
    for _ in range(3):
        reminders.begin_due_mailings()
        for mailing in window.mailings.filter(occasion="reminder"):
            tell(mailing)
    assert Mail.objects.filter(to=cast.officer.email).count() == 1


def test_who_was_reminded_by_hand_today_is_not_reminded_by_the_system(cast):
    window = opened(cast, deadline=1)
    reminders.remind_union(window, cast.union, by=cast.reviewer)
    reminders.begin_due_mailings()
    tell(window.mailings.get(occasion="reminder"))
    assert Mail.objects.filter(to=cast.officer.email).count() == 1
    assert Mail.objects.filter(to=cast.far_officer.email).count() == 1


def test_a_mailing_that_lost_its_job_gets_another(cast):
    mailing = opened(cast).mailings.get()
    jobs = ProcrastinateJob.objects.filter(task_name="gonghui.inspections.tasks.tell")
    assert jobs.count() == 1
    Mailing.objects.filter(pk=mailing.pk).update(started_at=timezone.now() - timedelta(hours=2))
    reminders.begin_due_mailings()
    assert jobs.count() == 2


# 「催办」 one


@pytest.mark.parametrize("who", ["reviewer", "district_admin", "platform_admin"])
def test_a_superior_reminds_one_union_by_bell_and_mail(cast, who):
    window, by = opened(cast), getattr(cast, who)
    reminders.remind_union(window, cast.union, by=by)
    assert told(window) == {cast.officer}
    assert Notice.objects.get().title.startswith(f"{by.union}提醒")
    assert Mail.objects.get().to == cast.officer.email
    assert Entry.objects.get(verb="inspection.reminded").actor == by


@pytest.mark.parametrize("roles", [[Role.ADMIN], [Role.REVIEWER]])
def test_administrator_and_reviewer_may_each_remind(cast, roles):
    reminders.remind_union(opened(cast), cast.union, by=make_user(cast.street, *roles))


@pytest.mark.parametrize("who", ["viewer", "officer", "claimant"])
def test_a_viewer_only_looks(cast, who):
    window = opened(cast)
    with pytest.raises(Refused, match="管理员和审核人"):
        reminders.remind_union(window, cast.union, by=getattr(cast, who))
    with pytest.raises(Refused, match="管理员和审核人"):
        reminders.remind_all(window, cast.street, by=getattr(cast, who))
    assert not Reminder.objects.exists()


def test_once_a_day_whoever_does_it(cast):
    window = opened(cast)
    reminders.remind_union(window, cast.union, by=cast.reviewer)
    with pytest.raises(Refused, match="今天已由五角场镇审核人催办过"):
        reminders.remind_union(window, cast.union, by=cast.district_admin)
    Reminder.objects.update(day=day(-1))
    reminders.remind_union(window, cast.union, by=cast.district_admin)
    assert Mail.objects.count() == 2


def test_done_undue_or_unreachable_unions_are_not_reminded(cast):
    window = opened(cast, cast.district)
    confirmed(cast, window)
    with pytest.raises(Refused, match="已完成"):
        reminders.remind_union(window, cast.union, by=cast.reviewer)
    with pytest.raises(Refused, match="不在这次年检的范围内"):
        reminders.remind_union(window, cast.far, by=cast.platform_admin)
    User.objects.filter(pk=cast.neighbour_officer.pk).update(is_active=False)
    with pytest.raises(Refused, match="没有启用的经办人账号"):
        reminders.remind_union(window, cast.neighbour, by=cast.other_reviewer)
    assert not Reminder.objects.exists()


def test_outside_the_window_nobody_is_reminded(cast):
    window = opened(cast, begins=2)
    with pytest.raises(Refused, match="未开始，不能催办"):
        reminders.remind_union(window, cast.union, by=cast.reviewer)
    Window.objects.update(begins_on=day(-9), deadline=day(-1))
    window.refresh_from_db()
    with pytest.raises(Refused, match="已截止，不能催办"):
        reminders.remind_all(window, cast.street, by=cast.reviewer)


# 「催办」 all


def test_all_below_that_are_not_done_are_reminded_at_once_when_they_are_few(cast):
    more_unions(cast.street, 3)
    window = opened(cast)
    confirmed(cast, window)
    reminders.remind_union(window, cast.neighbour, by=cast.other_reviewer)
    outcome = reminders.remind_all(window, cast.district, by=cast.district_admin)
    assert (outcome.told, outcome.rest, outcome.queued) == (3, 1, False)
    assert cast.officer not in told(window)
    assert cast.far_officer not in told(window)
    assert Entry.objects.get(verb="inspection.all_reminded").data["count"] == 4


def test_many_are_reminded_by_a_job_and_a_second_press_waits_for_it(cast, monkeypatch):
    monkeypatch.setattr(reminders, "BATCH", 2)
    more_unions(cast.street, 3)
    window = opened(cast)
    assert reminders.remind_all(window, cast.street, by=cast.reviewer).queued
    assert not Reminder.objects.exists()
    with pytest.raises(Refused, match="正在逐家催办"):
        reminders.remind_all(window, cast.street, by=make_user(cast.street))
    tell(window.mailings.get(occasion="reminder"))
    assert Reminder.objects.count() == 4
    again = reminders.remind_all(window, cast.street, by=cast.reviewer)
    tell(window.mailings.get(occasion="reminder", ended_at=None))
    assert again.queued
    assert Mail.objects.count() == 4


def test_when_all_are_done_there_is_nobody_to_remind(cast):
    window = opened(cast)
    confirmed(cast, window)
    with pytest.raises(Refused, match="都已完成"):
        reminders.remind_all(window, cast.street, by=cast.reviewer)
