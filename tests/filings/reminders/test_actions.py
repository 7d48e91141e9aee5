"""Officers are reminded of the days that their unions have to keep: each stage once, by bell and mail (SPEC 2.7)."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import F
from django.http import QueryDict
from django.utils.timezone import localdate
from openpyxl import load_workbook
from procrastinate.contrib.django.models import ProcrastinateJob

from gonghui.accounts.models import Role, User
from gonghui.audit.models import Entry
from gonghui.filings.deadlines import DEADLINES, Deadline
from gonghui.filings.models import Reminder
from gonghui.filings.reminders import actions
from gonghui.filings.reminders.form import DeadlineFilter
from gonghui.kit.errors import Refused
from gonghui.notices.models import Mail, Notice
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union
from tests.factories import make_union, make_unions, make_user, make_users, new_union, new_user
from tests.filings.stories import amended, approved, dissolved
from tests.people import Cast
from tests.policies.stories import ruled

pytestmark = pytest.mark.django_db

DAYS = list(DEADLINES.values())


@pytest.fixture(params=DAYS, ids=lambda deadline: deadline.code)
def deadline(request) -> Deadline:
    return request.param


def due(union: Union, deadline: Deadline, days: int) -> date:
    """The union has to keep this day so many days from now."""
    day = localdate() + timedelta(days=days)
    Union.objects.filter(pk=union.pk).update(**{deadline.column: day})
    return day


def pass_days(deadline: Deadline, days: int) -> None:
    """So many days pass: everything lies so much nearer, or farther back."""
    Union.objects.exclude(**{deadline.column: None}).update(**{deadline.column: F(deadline.column) - days})
    Reminder.objects.update(due_on=F("due_on") - days, day=F("day") - days)


def listed(user: User, deadline: Deadline, which: str = "overdue", **chosen: str) -> DeadlineFilter:
    query = QueryDict(mutable=True)
    query.update({"which": f"{deadline.code}-{which}", **chosen})
    return DeadlineFilter(query, user=user, node=user.union)


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("title", flat=True))


# By the calendar


def test_each_stage_is_told_once_by_bell_and_mail(cast, deadline):
    stages = deadline.stages()
    due(cast.union, deadline, stages[0] + 1)
    left, expected = stages[0] + 1, []
    for days in (stages[0] + 1, *stages, 0):
        pass_days(deadline, left - days)
        left = days
        actions.remind_due()
        actions.remind_due()
        if days in stages:
            expected.append(f"{deadline.heading} {localdate() + timedelta(days=days)}，还有 {days} 天")
    assert told(cast.officer) == expected
    assert Mail.objects.filter(to=cast.officer.email).count() == len(stages)
    assert not Notice.objects.exclude(user=cast.officer).exists()
    notice = Notice.objects.first()
    assert (notice.kind, notice.url, notice.body) == (deadline.task_kind, "/filings/amend/", deadline.advice)


def test_the_city_sets_the_first_stage_and_later_ones_stay(cast):
    ruled(cast, reelection_days=60, certificate_days=90)
    assert [deadline.stages() for deadline in DAYS] == [[60, 30], [90, 30]]
    day = due(cast.union, DAYS[0], 61)
    actions.remind_due()
    assert told(cast.officer) == []
    pass_days(DAYS[0], 1)
    actions.remind_due()
    assert told(cast.officer) == [f"{DAYS[0].heading} {day - timedelta(days=1)}，还有 60 天"]


def test_a_day_without_a_worker_is_made_good(cast, deadline):
    stages = deadline.stages()
    day = due(cast.union, deadline, stages[0] - 3)
    actions.remind_due()
    assert told(cast.officer) == [f"{deadline.heading} {day}，还有 {stages[0] - 3} 天"]
    assert Reminder.objects.get().days == stages[0]


def test_whoever_comes_late_is_told_of_the_last_stage_alone(cast, deadline):
    stages = deadline.stages()
    due(cast.union, deadline, stages[-1] - 1)
    actions.remind_due()
    assert [row.days for row in Reminder.objects.all()] == [stages[-1]]


def test_a_day_that_has_passed_is_the_superiors_matter(cast, deadline):
    due(cast.union, deadline, -1)
    actions.remind_due()
    assert not Notice.objects.exists()


def test_another_day_starts_afresh(cast, deadline):
    due(cast.union, deadline, 20)
    actions.remind_due()
    due(cast.union, deadline, 25)
    actions.remind_due()
    assert len(told(cast.officer)) == 2


@pytest.mark.parametrize("way", [[], ["pending"], ["pending", "returned"], ["pending", "approved", "dissolved"]])
def test_only_approved_unions_are_told(cast, deadline, way):
    union = make_union(UnionKind.GRASSROOTS, None, state="unfiled", number="010999999")
    make_user(union)
    due(union, deadline, 20)
    for state in way:
        Union.objects.filter(pk=union.pk).update(state=state, superior=cast.street)
    actions.remind_due()
    assert not Reminder.objects.exists()


def test_a_union_without_an_officer_is_told_once_it_has_one(cast, deadline):
    union = make_union(UnionKind.GRASSROOTS, cast.street)
    due(union, deadline, 20)
    actions.remind_due()
    assert not Reminder.objects.exists()
    officer = make_user(union)
    actions.remind_due()
    assert len(told(officer)) == 1


def test_a_killed_run_is_taken_up_where_it_stopped(cast, deadline, monkeypatch):
    monkeypatch.setattr(actions, "BATCH", 2)
    unions = make_unions([new_union(UnionKind.GRASSROOTS, cast.street) for _ in range(5)])
    officers = make_users([new_user(union) for union in unions])
    for union in unions:
        due(union, deadline, 20)
    notify = actions.notify_officers
    batches = []

    def killed_at_the_second_batch(ids, *args, **message):
        officers = notify(ids, *args, **message)
        batches.append(ids)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return officers

    monkeypatch.setattr(actions, "notify_officers", killed_at_the_second_batch)
    with pytest.raises(KeyboardInterrupt):
        actions.remind_due()
    assert Notice.objects.count() == 2
    actions.remind_due()
    assert sorted(Notice.objects.values_list("user", flat=True)) == [officer.pk for officer in officers]
    assert Mail.objects.count() == 5


def test_more_unions_ask_no_more_queries(cast, deadline, django_assert_max_num_queries):
    unions = make_unions([new_union(UnionKind.GRASSROOTS, cast.street) for _ in range(60)])
    make_users([new_user(union) for union in unions])
    Union.objects.filter(pk__in=[union.pk for union in unions]).update(
        **{deadline.column: localdate() + timedelta(days=20)}
    )
    with django_assert_max_num_queries(30):
        actions.remind_due()
    assert Notice.objects.count() == 60


@pytest.mark.server
@pytest.mark.parametrize("level", ["", "level2", "level3"])
def test_indexes_serve_the_days(cast, deadline, level):
    scope = {"": cast.city, "level2": cast.district, "level3": cast.street}[level]
    filters = DeadlineFilter(QueryDict(f"which={deadline.code}-overdue"), user=cast.reviewer, node=scope)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        sql, parameters = filters.rows.order_by(deadline.column, "pk").values("pk")[:20].query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"_{deadline.code} on unions_union" in plan
    assert "Sort" not in plan


# What ends it


def test_an_approved_change_of_the_day_ends_what_was_asked(cast):
    deadline = DEADLINES["reelection"]
    due(cast.union, deadline, 20)
    actions.remind_due()
    approved(amended(cast).review, cast.reviewer)
    assert not Notice.objects.open_of(deadline.task_kind).exists()


def test_a_dissolution_ends_what_was_asked(cast, deadline):
    due(cast.union, deadline, 20)
    actions.remind_due()
    dissolved(cast)
    assert not Notice.objects.open_of(deadline.task_kind).exists()


def test_whoever_has_another_day_by_now_is_not_told_of_the_old_one(cast, deadline):
    due(cast.union, deadline, -10)
    actions.remind(listed(cast.reviewer, deadline), None, by=cast.reviewer)
    due(cast.union, deadline, 300)
    while actions.notify_next():
        pass
    assert told(cast.officer) == []


# 「催办」


def test_a_superior_reminds_all_that_its_list_finds(cast, deadline):
    day = due(cast.union, deadline, -10)
    due(cast.neighbour, deadline, -10)
    outcome = actions.remind(listed(cast.reviewer, deadline), None, by=cast.reviewer)
    assert outcome == (1, 0, 0)
    assert ProcrastinateJob.objects.filter(task_name="gonghui.filings.tasks.notify_reminders").count() == 1
    while actions.notify_next():
        pass
    assert told(cast.officer) == [f"{cast.street}提醒：{deadline.heading} {day}，已过 10 天"]
    assert not told(cast.neighbour_officer)
    entry = Entry.objects.get(verb="deadline.reminded")
    assert (entry.union_id, entry.data) == (cast.union.pk, {"count": 1, "deadline": deadline.label})


def test_those_ticked_are_reminded_once_a_day(cast, deadline):
    other = make_union(UnionKind.GRASSROOTS, cast.street)
    make_user(other)
    for union in (cast.union, other):
        due(union, deadline, -10)
    filters = listed(cast.reviewer, deadline)
    assert actions.remind(filters, [cast.union.pk], by=cast.reviewer) == (1, 0, 0)
    assert actions.remind(listed(cast.reviewer, deadline), None, by=cast.reviewer) == (1, 1, 0)
    assert actions.remind(listed(cast.reviewer, deadline), None, by=cast.reviewer) == (0, 2, 0)


def test_a_union_that_nobody_can_reach_is_counted(cast, deadline):
    due(make_union(UnionKind.GRASSROOTS, cast.street), deadline, -10)
    assert actions.remind(listed(cast.reviewer, deadline), None, by=cast.reviewer) == (0, 0, 1)
    assert not Entry.objects.filter(verb="deadline.reminded").exists()


def test_nobody_below_others_is_reminded(cast, deadline):
    due(cast.neighbour, deadline, -10)
    with pytest.raises(Refused, match="已不在这份名单中"):
        actions.remind(listed(cast.reviewer, deadline), [cast.neighbour.pk], by=cast.reviewer)


@pytest.mark.parametrize("who", ["viewer", "officer"])
def test_who_may_not_remind(cast, deadline, who):
    due(cast.union, deadline, -10)
    with pytest.raises(Refused, match="管理员和审核人"):
        actions.remind(listed(cast.reviewer, deadline), None, by=getattr(cast, who))


def test_a_reviewer_who_lost_the_role_meanwhile_reminds_nobody(cast, deadline):
    due(cast.union, deadline, -10)
    User.objects.filter(pk=cast.reviewer.pk).update(roles=[Role.VIEWER])
    with pytest.raises(Refused, match="管理员和审核人"):
        actions.remind(listed(cast.reviewer, deadline), None, by=cast.reviewer)


def test_nothing_ticked_and_a_wrong_filter_remind_nobody(cast, deadline):
    due(cast.union, deadline, -10)
    with pytest.raises(Refused, match="请先勾选"):
        actions.remind(listed(cast.reviewer, deadline), [], by=cast.reviewer)
    with pytest.raises(Refused, match="不在您的管辖范围内"):
        actions.remind(
            listed(cast.district_admin, deadline, superior=str(cast.company.pk)), None, by=cast.district_admin
        )


# 「导出」


def test_the_export_holds_what_the_list_shows_and_is_recorded(cast: Cast, deadline, tmp_path: Path):
    day = due(cast.union, deadline, -10)
    due(cast.neighbour, deadline, 10)
    path = tmp_path / "list.xlsx"
    assert actions.export_deadlines(listed(cast.district_admin, deadline), path, by=cast.district_admin) == 1
    heading, row = (
        [str(value or "") for value in row] for row in load_workbook(path).active.iter_rows(values_only=True)
    )
    assert heading[-3:] == [deadline.heading, "剩余天数", "最近提醒"]
    assert (row[1], row[-3:-1]) == (cast.union.name, [str(day), "-10"])
    assert Entry.objects.get(verb="deadline.exported").data == {"count": 1, "deadline": deadline.label}


def test_an_export_of_nothing_and_by_an_officer_is_refused(cast, deadline, tmp_path):
    with pytest.raises(Refused, match="没有可以导出"):
        actions.export_deadlines(listed(cast.district_admin, deadline), tmp_path / "x", by=cast.district_admin)
    with pytest.raises(Refused, match="只有上级工会"):
        actions.export_deadlines(listed(cast.district_admin, deadline), tmp_path / "x", by=cast.officer)
