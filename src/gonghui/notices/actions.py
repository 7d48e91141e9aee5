"""The two ways to notify a user: the bell, and an e-mail. Both commit with the change that causes them."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypedDict, Unpack
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.audit.context import current
from gonghui.kit.jobs import defer
from gonghui.kit.sealing import purpose
from gonghui.notices.groups import grouped
from gonghui.notices.models import Mail, MailChoice, Notice
from gonghui.notices.settings import ways


def notify(
    users: Iterable[User],
    title: str,
    *,
    body: str = "",
    url: str = "",
    mail: bool = True,
    sent_by: User | None = None,
    tasks: Sequence[str] | Callable[[User], Sequence[str]] = (),
    kind: str = "",
) -> None:
    """Notifies each active user by the bell and by e-mail (``mail=False``: only the bell).

    Each user has chosen whether mail is sent at once, once a day or never (settings.py).
    ``url`` is a path on this site. ``sent_by`` (default: the user of the request) is notified of undelivered mail.
    ``tasks`` are the open tasks of all, or of each user ("review:12:superior"), until ``settle`` ends them; ``kind`` is
    the code of their ``hooks.TaskKind``, by which open notices are grouped.
    Call it inside the transaction of the change (SPEC 7.1).
    """
    users = [user for user in users if user.is_active]
    title, body = _sentences(title), _sentences(body)
    tasks_of = tasks if callable(tasks) else lambda _user: tasks
    choices = ways(users, url) if mail else {}
    Notice.objects.bulk_create(
        Notice(
            user=user,
            title=title,
            body=body,
            url=url,
            tasks=list(tasks_of(user)),
            kind=kind,
            digest=choices.get(user.pk) == MailChoice.DAILY,
        )
        for user in users
    )
    if mail:
        text = _letter(title, body, url)
        mailed = [user for user in users if choices[user.pk] == MailChoice.EACH]
        _send([_mail(user.email, title, f"{user}，您好：\n\n{text}", sent_by=sent_by) for user in mailed])


class Message(TypedDict, total=False):
    """The keyword arguments of `notify`."""

    body: str
    url: str
    mail: bool
    sent_by: User | None
    tasks: Sequence[str] | Callable[[User], Sequence[str]]
    kind: str


def notify_officers(
    unions: Collection[int | None] | QuerySet, title: str, **message: Unpack[Message]
) -> Collection[User]:
    """As ``notify``, for the active officers of the grassroots unions with these ids; returns the officers."""
    officers = User.objects.officers().filter(union__in=unions).order_by("pk")
    notify(officers, title, **message)
    return officers


def _sentences(text: str) -> str:
    """Returns the text without double full stops: a quoted opinion may end with one."""
    return re.sub("([。！？])。+", r"\1", text)


def _letter(title: str, body: str, url: str) -> str:
    """Returns the text of a mail below its greeting, with link, sender and support contact."""
    base = settings.ENVIRONMENT.base_url
    footer = render_to_string("email/footer.txt", {"environment": settings.ENVIRONMENT, "base": base})
    sentences, link = _sentences(f"{title}。{body}"), f"：\n{base}{url}" if base else "。"
    return f"{sentences}\n\n请登录平台查看{link}\n\n{footer.strip()}\n"


def send_mail(to: str, subject: str, body: str) -> Mail:
    """Puts one urgent e-mail into the outbox: it is sent before the mail of ``notify``.

    A job sends it after the commit and retries on failure. ``subject`` is without the platform's name, which is added
    before every subject.
    """
    return _send([_mail(to, subject, body, urgent=True)])[0]


def _mail(to: str, subject: str, body: str, *, urgent: bool = False, sent_by: User | None = None) -> Mail:
    subject = " ".join(f"【{settings.ENVIRONMENT.title}】{subject}".split())  # a line break would end the header
    sender, owner = sent_by or current.get().user, uuid4()
    return Mail(
        to=to,
        subject=subject,
        seal_id=owner,
        body_sealed=purpose(Mail, "body_sealed").seal(body, owner),
        urgent=urgent,
        sent_by_id=sender.pk if sender else None,  # an anonymous user has no key
    )


def _send(mails: Sequence[Mail]) -> list[Mail]:
    """Inserts all mails in one statement, and defers one job that sends them."""
    from gonghui.notices.tasks import sender_of

    stored = Mail.objects.bulk_create(mails)
    if stored:
        defer(sender_of(urgent=stored[0].urgent))
    return stored


def send_digest(user: User, notices: Sequence[Notice], *, most: int) -> bool:
    """Sends one mail about the notices of a day, newest first and grouped as on their page, in the caller's
    transaction.

    ``most`` is the maximum number of lines. Returns whether a mail was needed: finished tasks need none.
    """
    base = settings.ENVIRONMENT.base_url
    groups, alone = grouped(notices)
    entries = [(str(group), group.kind.url) for group in groups] + [(notice.title, notice.url) for notice in alone]
    lines = [f"· {text}{f'：{base}{url}' if base and url else ''}" for text, url in entries[:most]]
    total = len(entries)
    if not total:
        return False
    if total > most:
        lines.append(f"另有 {total - most} 条，请登录平台查看。")
    footer = render_to_string("email/footer.txt", {"environment": settings.ENVIRONMENT, "base": base})
    text = "\n".join([f"{user}，您好：", "", *lines, "", footer.strip(), ""])
    _send([_mail(user.email, f"您有 {total} 条通知", text)])
    return True


def settle(tasks: Sequence[str]) -> None:
    """Ends these tasks: notices without another open task count as read, for all users.

    Call it in the transaction that does the tasks.
    """
    if not tasks:
        return
    with connection.cursor() as cursor:
        # In the order of ids: transactions that settle different tasks of the same notices must not deadlock.
        cursor.execute(
            "WITH asking AS (SELECT id FROM notices_notice WHERE read_at IS NULL AND tasks && %(tasks)s::text[]"
            " ORDER BY id FOR UPDATE)"
            " UPDATE notices_notice SET"
            " read_at = CASE WHEN tasks <@ %(tasks)s::text[] THEN now() END,"
            " tasks = ARRAY(SELECT unnest(tasks) EXCEPT SELECT unnest(%(tasks)s::text[]))"
            " WHERE id IN (SELECT id FROM asking)",
            {"tasks": list(tasks)},
        )


def mark_read(notice: Notice) -> None:
    """Marks the notice read; a second call changes nothing."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())


def mark_all_read(user: User) -> int:
    """Marks all notices of the user read. Returns how many were unread."""
    return Notice.objects.filter(user=user, read_at=None).update(read_at=timezone.now())
