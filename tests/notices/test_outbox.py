"""The outbox: batches over one connection, the server's answers, and an unreachable server. Over real SMTP."""

import time
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from gonghui.kit.jobs import defer
from gonghui.notices import outbox
from gonghui.notices.actions import notify, send_mail
from gonghui.notices.models import Mail, Notice
from gonghui.notices.tasks import deliver_mail, look_into_outbox
from tests.factories import mail
from tests.jobs import run_jobs
from tests.mailbox import hanging_server, make_mailbox, send_to

pytestmark = pytest.mark.django_db(transaction=True)

QUEUES = ("urgent_mail", "mail")


@pytest.fixture
def mailbox(settings):
    return make_mailbox(settings)


def work() -> None:
    run_jobs(*QUEUES)


def next_try() -> None:
    """The postponed job becomes due."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() - interval '1 second' WHERE status = 'todo'")


def an_hour_later() -> None:
    """Makes postponed mail due and runs the periodic job."""
    next_try()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notices_mail SET due_at = now() - interval '1 second' WHERE state = 'waiting'")
    look_into_outbox(0)
    work()


def write(*names: str, sent_by=None) -> list[Mail]:
    """Writes mail to these names, in order, with one job."""
    mails = Mail.objects.bulk_create(mail(f"{name}@demo.test", sent_by=sent_by) for name in names)
    look_into_outbox(0)
    return mails


def states() -> dict[str, str]:
    return {mail.to.partition("@")[0]: mail.state for mail in Mail.objects.order_by("pk")}


def jobs() -> int:
    return ProcrastinateJob.objects.filter(queue_name__in=QUEUES).count()


# Batches


def test_a_batch_goes_over_one_connection_and_jobs_do_not_grow_with_the_mail(mailbox, cast):
    with transaction.atomic():
        notify([cast.officer] * 250, "年检已开始")
    assert jobs() == 1
    with mailbox.up():
        work()
    assert len(mailbox.messages) == 250
    assert len(mailbox.connections) == 3
    assert jobs() == 3
    assert set(Mail.objects.values_list("state", flat=True)) == {"sent"}


def test_what_somebody_waits_for_has_another_queue_than_what_tells_many(mailbox, cast):
    notify([cast.officer], "年检已开始")
    send_mail("a@demo.test", "请验证", "链接")
    with mailbox.up():
        run_jobs("urgent_mail")
    assert [message["To"] for message in mailbox.messages] == ["a@demo.test"]


def test_jobs_of_the_version_before_send_their_mail(mailbox):
    mails = write("a", "b")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    for queued in mails:
        defer(deliver_mail, mail_id=queued.pk)
    with mailbox.up():
        work()
    assert len(mailbox.messages) == 2
    assert set(states().values()) == {"sent"}


def test_a_job_of_the_version_before_that_waits_for_hours_holds_up_nothing(mailbox):
    defer(deliver_mail, mail_id=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = 7, scheduled_at = now() + interval '18 hours'")
    write("a")
    with mailbox.up():
        work()
    assert states() == {"a": "sent"}


def test_mail_that_lost_its_job_gets_one_within_a_minute(mailbox):
    with connection.cursor() as cursor:
        write("a")
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    look_into_outbox(0)
    with mailbox.up():
        work()
    assert states() == {"a": "sent"}


def test_a_worker_that_stops_leaves_the_rest_to_the_next(mailbox):
    write(*"abcd")
    stops = iter([False, False, True])
    (job,) = ProcrastinateJob.objects.filter(queue_name="mail")
    job.queue = "mail"
    with mailbox.up():
        assert outbox.send_batch(job, urgent=False, should_stop=lambda: next(stops)), "to go on with the rest"
    assert list(states().values()) == ["sent", "sent", "waiting", "waiting"]


# What the server answers


def test_a_refused_address_fails_at_once_and_the_others_go_on(mailbox, cast):
    mailbox.answers["wrong@demo.test"] = "550 5.1.1 User unknown"
    write("a", "wrong", "b", sent_by=cast.reviewer)
    with mailbox.up():
        work()
        an_hour_later()
    assert mailbox.asked == ["a@demo.test", "wrong@demo.test", "b@demo.test"], "the refused one was not tried again"
    assert len(mailbox.connections) == 1
    assert states() == {"a": "sent", "wrong": "failed", "b": "sent"}
    assert Mail.objects.get(to="wrong@demo.test").error == "550 5.1.1 User unknown"


def test_who_sent_it_is_told_by_the_bell_alone_once_a_batch(mailbox, cast):
    mailbox.answers |= {f"wrong{number}@demo.test": "550 5.1.1 User unknown" for number in range(5)}
    write(*(f"wrong{number}" for number in range(5)), "right", sent_by=cast.reviewer)
    mailbox.answers["full@demo.test"] = "552 5.2.2 Mailbox full"
    write("full", sent_by=cast.district_admin)
    mailbox.answers["nobodys@demo.test"] = "554 No"
    write("nobodys")
    before = Mail.objects.count()
    with mailbox.up():
        work()
    many, single = (Notice.objects.get(user=user) for user in (cast.reviewer, cast.district_admin))
    assert many.title == "有 5 封邮件没有送达"
    assert many.body.startswith(
        "发给 wr****@demo.test 的“主题”：这个邮箱不存在，或者不接收邮件（服务器答复 550）；发给 wr****@demo.test"
    )
    assert "；还有 2 封。请与收件人核对邮箱地址" in many.body
    assert "wrong0" not in many.body
    assert single.title == "有 1 封邮件没有送达"
    assert "对方邮箱已满，或者邮件太大（服务器答复 552）" in single.body
    assert Notice.objects.count() == 2
    assert Mail.objects.count() == before, "no mail about mail"


def test_mail_that_is_put_off_waits_alone_and_fails_after_a_day(mailbox, cast):
    mailbox.answers["grey@demo.test"] = "450 4.7.1 Greylisted"
    write("grey", "a", sent_by=cast.reviewer)
    with mailbox.up():
        work()
        assert states() == {"grey": "waiting", "a": "sent"}
        look_into_outbox(0)
        work()
        assert mailbox.asked == ["grey@demo.test", "a@demo.test"], "not before its time"
        waits = []
        while states()["grey"] == "waiting":
            mail = Mail.objects.get(to="grey@demo.test")
            waits.append(round((mail.due_at - timezone.now()).total_seconds()))
            an_hour_later()
    assert waits == pytest.approx([4**n for n in range(1, 9)], abs=2)
    assert mailbox.asked.count("grey@demo.test") == 9
    assert Notice.objects.get(user=cast.reviewer).title == "有 1 封邮件没有送达"


def test_mail_that_was_put_off_leaves_when_the_server_takes_it(mailbox):
    mailbox.answers["grey@demo.test"] = "450 4.7.1 Greylisted"
    write("grey")
    with mailbox.up():
        work()
        del mailbox.answers["grey@demo.test"]
        an_hour_later()
    assert states() == {"grey": "sent"}


def test_every_answer_to_one_address_is_later_or_refused_or_about_us():
    """RFC 5321: 4yz is retried, 5yz is not; an answer that refuses this client says nothing about the address."""
    for code in range(400, 600):
        with pytest.raises((outbox._Later, outbox._Refused, outbox.ServerAway)) as caught:
            outbox._classify(code, b"words")
        expected = outbox._Later if code < 500 else outbox._Refused
        assert caught.type is (outbox.ServerAway if code in {421, 530, 534, 535, 538} else expected)
        assert str(caught.value) == f"{code} words"


@pytest.mark.parametrize("answer", ["550 5.7.1 Sender not allowed", "530 5.7.0 Authentication required"])
def test_no_mail_fails_when_the_server_refuses_us(mailbox, cast, answer):
    mailbox.answers["MAIL FROM"] = answer
    write("a", "b", sent_by=cast.reviewer)
    with mailbox.up():
        work()
        assert set(states().values()) == {"waiting"}
        del mailbox.answers["MAIL FROM"]
        an_hour_later()
    assert set(states().values()) == {"sent"}
    assert not Notice.objects.exists()


def test_a_mail_that_the_server_cannot_bear_does_not_hold_up_the_others(mailbox):
    """The server answers 421 and closes each time: the other mails are sent over the next connection."""
    mailbox.answers["poison@demo.test"] = "421 4.3.0 Out of order"
    write("poison", "a", "b")
    with mailbox.up():
        work()
        next_try()
        work()
    assert states() == {"poison": "waiting", "a": "sent", "b": "sent"}


def test_a_mail_that_cannot_be_read_fails_alone(mailbox):
    write("a", "torn", "b")
    Mail.objects.filter(to="torn@demo.test").update(body_sealed=b"")
    with mailbox.up():
        work()
    assert states() == {"a": "sent", "torn": "failed", "b": "sent"}


def test_a_mail_that_fails_for_a_reason_nobody_thought_of_fails_alone_and_is_told(mailbox, cast, monkeypatch):
    class Poisoned(EmailMessage):
        def message(self, **more):
            if "poison@demo.test" in self.to:
                raise RuntimeError("nobody thought of it")
            return super().message(**more)

    monkeypatch.setattr(outbox, "EmailMessage", Poisoned)
    write("poison", "a", "b", sent_by=cast.reviewer)
    with mailbox.up():
        work()
    assert states() == {"poison": "failed", "a": "sent", "b": "sent"}
    assert cast.reviewer.notices.exists()


# An unreachable server


def test_a_hanging_server_is_waited_for_once_and_not_once_a_mail(settings):
    with hanging_server() as server:
        send_to(settings, server.port, timeout=1)
        write(*(f"a{number}" for number in range(300)))
        for _ in range(5):  # five more acts that write mail
            write("b")
        began = time.monotonic()
        work()
        assert time.monotonic() - began < 3
        assert len(server.connections) == 1
    assert set(Mail.objects.values_list("state", "tries").distinct()) == {("waiting", 0)}


def test_a_server_that_is_away_is_asked_again_and_again_and_then_takes_all(mailbox):
    write("a", "b")
    for number, seconds in enumerate([4, 16, 60, 60, 60]):
        work()
        (job,) = ProcrastinateJob.objects.filter(queue_name="mail", status="todo", scheduled_at__isnull=False)
        assert job.attempts == number + 1
        assert (job.scheduled_at - timezone.now()).total_seconds() == pytest.approx(seconds, abs=3)
        next_try()
    assert set(states().values()) == {"waiting"}
    with mailbox.up():
        work()
    assert set(states().values()) == {"sent"}


def test_after_a_day_mail_to_a_server_that_is_away_fails_and_who_sent_it_is_told(mailbox, cast):
    write("old", "young", sent_by=cast.reviewer)
    Mail.objects.filter(to="old@demo.test").update(created_at=timezone.now() - timedelta(hours=25))
    work()
    assert set(states().values()) == {"waiting"}, "the server has been away for seconds, whatever the mail's age"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = 1440, scheduled_at = now() WHERE status = 'todo'")
    work()
    assert states() == {"old": "failed", "young": "waiting"}
    assert "邮件服务器一直没有应答" in Notice.objects.get(user=cast.reviewer).body
