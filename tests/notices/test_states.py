"""Every transition of a mail's state is made by sending it (docs/states.md)."""

import pytest
from procrastinate.jobs import Job

from gonghui.notices.models import Mail
from gonghui.notices.outbox import send_batch
from tests.factories import mail
from tests.mailbox import make_mailbox
from tests.states import every_move_is_made


@pytest.mark.django_db
def test_every_move_of_a_mail_is_made(settings):
    mailbox = make_mailbox(settings)
    mailbox.answers["gone@demo.test"] = "550 no such user"
    job = Job(id=1, queue="mail", lock=None, queueing_lock=None, task_name="send_bulk")
    Mail.objects.bulk_create([mail("here@demo.test"), mail("gone@demo.test")])
    with every_move_is_made(Mail), mailbox.up():
        send_batch(job, urgent=False, should_stop=lambda: False)
