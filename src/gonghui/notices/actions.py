"""The two ways to tell somebody something: the bell, and an e-mail. Both commit with the change they speak of."""

from collections.abc import Iterable
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.kit.jobs import defer_many
from gonghui.kit.sealing import purpose
from gonghui.notices.models import Mail, Notice


def notify(users: Iterable[User], title: str, *, body: str = "", url: str = "", mail: bool = True) -> None:
    """Ring the bell of each active user, and write them the same by e-mail (``mail=False``: the bell only).

    ``url`` is a path on this site. To be called inside the transaction of the change (SPEC 7.1).
    """
    users = [user for user in users if user.is_active]
    Notice.objects.bulk_create(Notice(user=user, title=title, body=body, url=url) for user in users)
    if mail:
        link = f"：{settings.ENVIRONMENT.base_url}{url}" if settings.ENVIRONMENT.base_url else "。"
        _send(
            _mail(user.email, title, f"{user}，您好：\n\n{title}。{body}\n\n请登录平台查看{link}\n") for user in users
        )


def send_mail(to: str, subject: str, body: str) -> Mail:
    """Put one e-mail into the outbox; a job sends it after the transaction has committed, and tries again on failure.

    ``subject`` is without the platform's name, which stands before every subject.
    """
    return _send([_mail(to, subject, body)])[0]


def _mail(to: str, subject: str, body: str) -> Mail:
    subject = " ".join(f"【{settings.ENVIRONMENT.title}】{subject}".split())  # a line break would end the header
    owner = uuid4()
    return Mail(to=to, subject=subject, seal_id=owner, body_sealed=purpose(Mail, "body_sealed").seal(body, owner))


def _send(mails: Iterable[Mail]) -> list[Mail]:
    """Any number of mails costs one statement for the outbox and one for the queue."""
    from gonghui.notices.tasks import deliver_mail

    sent = Mail.objects.bulk_create(mails)
    defer_many(deliver_mail, [{"mail_id": mail.pk} for mail in sent])
    return sent


def mark_read(notice: Notice) -> None:
    """The bell no longer counts this one; once is enough."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())


def mark_all_read(user: User) -> int:
    """The bell counts none any more. Returns how many it had counted."""
    return Notice.objects.filter(user=user, read_at=None).update(read_at=timezone.now())
