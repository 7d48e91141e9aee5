"""Two people at the same moment, over two real connections."""

import threading

import pytest
from django.db import connection

from gonghui.inspections.confirmations.actions import confirm_inspection, version_of
from gonghui.inspections.models import Confirmation, Reminder, Window
from gonghui.inspections.reminders.actions import remind_union
from gonghui.inspections.windows.actions import close_window
from gonghui.notices.models import Mail
from gonghui.unions.models import Union
from tests.at_once import DONE, at_once
from tests.factories import make_user
from tests.inspections.stories import confirmed, opened
from tests.people import Cast, make_cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


@pytest.fixture
def people() -> Cast:
    return make_cast()


def test_two_officers_at_once_make_one_confirmation(people):
    window, colleague = opened(people), make_user(people.union)
    version = version_of(people.union)
    outcomes = at_once(
        *(
            lambda by=by: confirm_inspection(people.union, window=window, version=version, by=by)
            for by in (people.officer, colleague)
        )
    )
    assert min(outcomes) == DONE
    assert "无需重复确认" in max(outcomes)
    assert Confirmation.objects.count() == 1


def test_a_confirmation_at_the_moment_of_closing_is_before_it_or_refused(people):
    window = opened(people)
    outcomes = at_once(
        lambda: confirmed(people, window), lambda: close_window(window, reason="调整", by=people.platform_admin)
    )
    window = Window.objects.get(pk=window.pk)
    assert window.closed_at
    if confirmation := Confirmation.objects.first():
        assert outcomes == [DONE, DONE]
        assert confirmation.confirmed_at < window.closed_at
    else:
        assert "提前结束，不能再确认" in outcomes[0]


def test_closing_waits_for_a_confirmation_under_way(people):
    """Held by FOR SHARE: the window cannot be closed between a confirmation's look at it and its commit."""
    from django.db import transaction

    window, closed = opened(people), []

    def close() -> None:
        try:
            close_window(window, reason="调整", by=people.platform_admin)
            closed.append(Confirmation.objects.count())
        finally:
            connection.close()

    with transaction.atomic():
        confirmed(people, window)
        thread = threading.Thread(target=close)
        thread.start()
        thread.join(0.5)
        assert not closed
    thread.join()
    assert closed == [1]


def test_two_administrators_at_once_open_one_window(people):
    outcomes = at_once(lambda: opened(people, people.district), lambda: opened(people))
    assert min(outcomes) == DONE
    assert "已有年检" in max(outcomes)
    assert Window.objects.count() == 1


def test_two_reminders_at_once_are_one(people):
    window, union = opened(people), Union.objects.select_related("superior").get(pk=people.union.pk)
    outcomes = at_once(
        lambda: remind_union(window, union, by=people.reviewer),
        lambda: remind_union(window, union, by=people.district_admin),
    )
    assert min(outcomes) == DONE
    assert "今天已由" in max(outcomes)
    assert (Reminder.objects.count(), Mail.objects.count()) == (1, 1)
