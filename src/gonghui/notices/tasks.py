"""The jobs that send the outbox: one for each act that writes mail, and one for each batch."""

from typing import Any

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app

from gonghui.kit.jobs import defer
from gonghui.notices import outbox
from gonghui.notices import settings as digests


class UntilItLeaves(BaseRetryStrategy):
    """Retries after 4, 16, 60, 60 … seconds, without end: an unreachable mail server is tried every minute."""

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision:
        return RetryDecision(retry_in={"seconds": min(4 ** (min(job.attempts, 2) + 1), outbox.RETRY_SECONDS)})


@app.task(queue="urgent_mail", retry=UntilItLeaves(), pass_context=True)
def send_urgent(context: Any) -> None:
    """Sends a batch of urgent mail."""
    if outbox.send_batch(context.job, urgent=True, should_stop=context.should_abort):
        defer(send_urgent)


@app.task(queue="mail", retry=UntilItLeaves(), pass_context=True)
def send_bulk(context: Any) -> None:
    """Sends a batch of other mail."""
    if outbox.send_batch(context.job, urgent=False, should_stop=context.should_abort):
        defer(send_bulk)


@app.task(queue="mail", retry=UntilItLeaves(), pass_context=True)
def deliver_mail(context: Any, mail_id: int) -> None:
    """A queued job of an earlier version, which had one job for each mail; sends the mail with the others."""
    send_bulk(context)


def sender_of(*, urgent: bool) -> Any:
    """Returns the task that sends urgent or other mail."""
    return send_urgent if urgent else send_bulk


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="look_into_outbox")
def look_into_outbox(timestamp: int) -> None:
    """Runs every minute: defers a job for mail that was postponed or has lost its job."""
    for urgent in (True, False):
        if outbox.has_due(urgent=urgent):
            defer(sender_of(urgent=urgent))


@app.periodic(cron="3 0 * * *")
@app.task(queue="mailings", queueing_lock="send_digests")
def send_digests(timestamp: int) -> None:
    """Runs every morning at eight in China."""
    digests.send_digests()
