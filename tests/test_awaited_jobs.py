"""Whatever an awaited job dies of, what it was for ends with a sentence, and there is a way out. Over every task."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import count
from typing import Any, NamedTuple

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.utils import timezone
from django.utils.timezone import localdate
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from gonghui.accounts.models import User
from gonghui.bookings.eligibility import actions as eligibility
from gonghui.cards.models import Order, ResultFile
from gonghui.cards.orders import actions as orders
from gonghui.cards.orders import results
from gonghui.circulars import actions as circulars
from gonghui.circulars.deliveries import actions as deliveries
from gonghui.exports import building as list_building
from gonghui.imports import actions as imports
from gonghui.imports import job
from gonghui.imports.hooks import KINDS
from gonghui.imports.models import Batch, ImportState
from gonghui.inspections.models import Mailing
from gonghui.inspections.reminders import actions as reminders
from gonghui.kit.jobs import AWAITED, TryAgain, give_up_abandoned
from gonghui.members.by_code import actions as code_import
from gonghui.members.models import CodeImport
from gonghui.members.states import CodeImportState
from gonghui.national.exports import actions as exports
from gonghui.national.models import Export
from gonghui.notices.models import Notice
from gonghui.policies.columns import actions as column_actions
from gonghui.policies.models import ColumnPolicy
from gonghui.registers import job as loads
from gonghui.registers.models import Load
from gonghui.reviews import bulk
from gonghui.reviews.models import BulkDecision
from gonghui.superiors import actions as tree_actions
from gonghui.superiors.models import TreeChange
from tests.bookings.stories import drafted
from tests.cards.stories import answer, approved, exported
from tests.circulars.stories import drafted as drafted_circular
from tests.exports.stories import asked as asked_list
from tests.factories import make_member
from tests.inspections.stories import opened
from tests.jobs import run_jobs
from tests.kit.test_jobs import OURS
from tests.national.stories import asked as asked_form
from tests.registers.files import csv_of, employer_line, sent
from tests.reviews.test_views import steps_of
from tests.reviews.test_views import waiting as waiting_filings
from tests.superiors.stories import begun_move, second_district
from tests.workbooks import member_row, upload

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY_WAITS = {
    "send_urgent": "the mail stands in the outbox, and look_into_outbox asks about it every minute",
    "send_bulk": "the same",
    "deliver_mail": "the same, of the version before",
    "notify_reminders": "remind_of_deadlines asks every hour of the night what was not notified",
    "warn_of_failures": "a warning, of which no page tells",
    "check": "check_waiting asks every ten minutes what was not checked",
    "confirm_booking": "the booking stands, and its page says what became of it",
    "tell_booked": "tell_announcements asks every five minutes what was not told",
    "mail_device_link": "the page says how to ask for another",
}


class Story(NamedTuple):
    """What is begun and waits for its job, by whom; what the job calls; and what can be done after it has failed."""

    module: Any
    function: str
    who: User
    way_out: Callable[[], object]


def an_import(cast) -> Story:
    def begin() -> Batch:
        return imports.upload_workbook(cast.union, KINDS["members"], upload([member_row(1)]), by=cast.officer)

    assert begin().state == ImportState.QUEUED
    return Story(job, "run_batch", cast.officer, begin)


def an_import_by_code(cast, monkeypatch) -> Story:
    monkeypatch.setattr(code_import, "AT_ONCE", 0)
    code = cast.union.employer.code
    make_member(None, unit_code=code)

    def begin() -> CodeImport:
        return code_import.start_import(cast.union, code, None, by=cast.officer)

    assert begin().state == CodeImportState.RUNNING
    return Story(code_import, "run_import", cast.officer, begin)


def an_order(cast) -> Story:
    batch = approved(cast)

    def begin() -> Order:
        return orders.gather("new", foreign=False, batches=[batch.pk], by=cast.platform_admin)

    assert begin().is_building
    return Story(orders, "build", cast.platform_admin, begin)


def a_result_file(cast) -> Story:
    order = exported(cast, approved(cast))

    def begin() -> ResultFile:
        return results.upload_results(order, ContentFile(answer(order), "结果.txt"), by=cast.platform_admin)

    begin()
    return Story(results, "process", cast.platform_admin, begin)


def a_reminder_of_all(cast, monkeypatch) -> Story:
    monkeypatch.setattr(reminders, "BATCH", 1)
    window = opened(cast)
    Mailing.objects.update(ended_at=timezone.now())
    ProcrastinateJob.objects.all().delete()

    def begin() -> object:
        return reminders.remind_all(window, cast.city, by=cast.platform_admin)

    begin()
    return Story(reminders, "tell_next", cast.platform_admin, begin)


def a_bulk_decision(cast, monkeypatch) -> Story:
    monkeypatch.setattr(bulk, "grace", timedelta)
    serial = count()

    def begin() -> BulkDecision:
        ids = steps_of(*waiting_filings(cast, 1, start=next(serial)))
        return bulk.decide_several(ids, decision="approved", opinion="", by=cast.reviewer)

    begin()
    return Story(bulk, "apply", cast.reviewer, begin)


def a_draft_of_columns(cast) -> Story:
    def begin() -> ColumnPolicy:
        return column_actions.draft("member", {"ethnicity": "required"}, localdate(), by=cast.platform_admin)

    begin()
    return Story(column_actions, "count", cast.platform_admin, begin)


def a_count_of_who_could_come(cast) -> Story:
    programme = drafted(cast)

    def begin() -> None:
        eligibility.ask_survey(programme, by=cast.platform_admin)

    begin()
    return Story(eligibility, "count", cast.platform_admin, begin)


def an_export_of_a_form(cast) -> Story:
    make_member(cast.union)

    def begin() -> Export:
        return asked_form(cast.officer)

    begin()
    return Story(exports, "build", cast.officer, begin)


def a_reported_export(cast) -> Story:
    make_member(cast.union)
    export = asked_form(cast.officer)
    exports.build(export.pk)
    ProcrastinateJob.objects.all().delete()

    def begin() -> None:
        exports.mark(export, by=cast.officer)

    begin()
    return Story(exports, "enter", cast.officer, begin)


def a_load(cast) -> Story:
    def begin() -> Load:
        return sent(csv_of([employer_line(1)]), by=cast.platform_admin)

    begin()
    return Story(loads, "run", cast.platform_admin, begin)


def a_move_of_a_street(cast) -> Story:
    there = second_district(cast)

    def begin() -> TreeChange:
        return begun_move(cast, cast.street, there)

    begin()
    return Story(tree_actions, "carry_out", cast.platform_admin, begin)


def a_circular(cast) -> Story:
    """Interrupted, it goes on: no second one is sent."""
    draft = drafted_circular(cast)
    circulars.send(draft, version=draft.version, by=cast.district_admin)
    return Story(
        deliveries, "deliver_next", cast.district_admin, lambda: deliveries.resume(draft, by=cast.district_admin)
    )


def a_list(cast) -> Story:
    make_member(cast.union)
    asked_list(cast.officer)
    return Story(list_building, "build", cast.officer, lambda: asked_list(cast.officer))


STORIES: dict[str, Callable[..., Story]] = {
    "gonghui.imports.tasks.commit_batch": lambda cast, _: an_import(cast),
    "gonghui.members.tasks.import_by_code": an_import_by_code,
    "gonghui.cards.tasks.build_order": lambda cast, _: an_order(cast),
    "gonghui.cards.tasks.take_results": lambda cast, _: a_result_file(cast),
    "gonghui.inspections.tasks.tell": a_reminder_of_all,
    "gonghui.reviews.tasks.apply_bulk": a_bulk_decision,
    "gonghui.bookings.tasks.count_eligible": lambda cast, _: a_count_of_who_could_come(cast),
    "gonghui.national.tasks.build_export": lambda cast, _: an_export_of_a_form(cast),
    "gonghui.national.tasks.mark_reported": lambda cast, _: a_reported_export(cast),
    "gonghui.registers.tasks.run_load": lambda cast, _: a_load(cast),
    "gonghui.policies.tasks.count_gaps": lambda cast, _: a_draft_of_columns(cast),
    "gonghui.exports.tasks.build_list": lambda cast, _: a_list(cast),
    "gonghui.circulars.tasks.deliver": lambda cast, _: a_circular(cast),
    "gonghui.superiors.tasks.carry_out_change": lambda cast, _: a_move_of_a_street(cast),
}


def fails(story: Story, monkeypatch, error: Exception) -> None:
    def failing(_pk: int) -> None:
        raise error

    monkeypatch.setattr(story.module, story.function, failing)
    run_jobs("imports", "mailings")


def waiting(name: str) -> Iterable[int]:
    return AWAITED[name].waiting().values_list("pk", flat=True)


def told(story: Story) -> str:
    return Notice.objects.filter(user=story.who).latest("pk").body


def test_every_task_is_awaited_or_comes_again_or_says_why_nobody_waits():
    assert set(STORIES) == set(AWAITED)
    comes_again = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    others = {name.rpartition(".")[2] for name in set(OURS) - set(AWAITED) - comes_again}
    assert others == set(NOBODY_WAITS)


@pytest.mark.parametrize("name", sorted(AWAITED))
def test_an_unexpected_error_ends_it_at_once_with_a_sentence_and_a_way_out(cast, monkeypatch, name):
    story = STORIES[name](cast, monkeypatch)
    with monkeypatch.context() as patch:
        fails(story, patch, RuntimeError("nobody thought of it"))
    assert list(waiting(name)) == []
    assert "中断" in told(story) or "请重新汇总" in told(story)
    assert "联系技术支持" in told(story)
    assert not ProcrastinateJob.objects.filter(task_name=name, status__in=("todo", "doing")).exists()
    story.way_out()


@pytest.mark.parametrize("error", [OperationalError("gone"), TryAgain("changed")])
@pytest.mark.parametrize("name", sorted(AWAITED))
def test_what_may_be_mended_is_tried_again_and_given_up_when_the_tries_are_used_up(cast, monkeypatch, name, error):
    story = STORIES[name](cast, monkeypatch)
    with monkeypatch.context() as patch:
        fails(story, patch, error)
    assert len(list(waiting(name))) == 1
    assert ProcrastinateJob.objects.get(task_name=name, status="todo").attempts == 1
    give_up_abandoned(0)
    assert len(list(waiting(name))) == 1
    ProcrastinateJob.objects.all().delete()
    give_up_abandoned(0)
    assert list(waiting(name)) == []
    story.way_out()


@pytest.mark.parametrize("name", sorted(AWAITED))
def test_what_has_ended_is_not_given_up(cast, monkeypatch, name):
    STORIES[name](cast, monkeypatch)
    (pk,) = waiting(name)
    run_jobs("imports", "mailings")
    assert list(waiting(name)) == []
    before = Notice.objects.count()
    AWAITED[name].give_up(pk)
    assert Notice.objects.count() == before
