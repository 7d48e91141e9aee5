"""The jobs that empty the outbox. Their number does not grow with the mail: one for each act that writes mail, and one
for each batch sent.
"""

from typing import Any

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app

from gonghui.kit.jobs import defer
from gonghui.notices import outbox
from gonghui.notices import settings as digests


class UntilItLeaves(BaseRetryStrategy):
    """Again after 4, 16, 60, 60 … seconds, without end: the job stands for the mail that waits, and a mail server that
    was away is asked each minute.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision:
        return RetryDecision(retry_in={"seconds": min(4 ** (min(job.attempts, 2) + 1), outbox.ASKED_EVERY_SECONDS)})


@app.task(queue="urgent_mail", retry=UntilItLeaves(), pass_context=True)
def send_urgent(context: Any) -> None:
    """Send a batch of what somebody waits for."""
    if outbox.send_batch(context.job, urgent=True, should_stop=context.should_abort):
        defer(send_urgent)


@app.task(queue="mail", retry=UntilItLeaves(), pass_context=True)
def send_bulk(context: Any) -> None:
    """Send a batch of what tells many."""
    if outbox.send_batch(context.job, urgent=False, should_stop=context.should_abort):
        defer(send_bulk)


@app.task(queue="mail", retry=UntilItLeaves(), pass_context=True)
def deliver_mail(context: Any, mail_id: int) -> None:
    """A job of the version that had one for each mail; its mail leaves with the others."""
    send_bulk(context)


def sender_of(*, urgent: bool) -> Any:
    """The task that sends such mail."""
    return send_urgent if urgent else send_bulk


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="look_into_outbox")
def look_into_outbox(timestamp: int) -> None:
    """Every minute: what was put off, or has lost its job, gets one."""
    for urgent in (True, False):
        if outbox.has_due(urgent=urgent):
            defer(sender_of(urgent=urgent))


@app.periodic(cron="3 0 * * *")
@app.task(queue="mailings", queueing_lock="send_digests")
def send_digests(timestamp: int) -> None:
    """Every morning at eight in China."""
    digests.send_digests()
