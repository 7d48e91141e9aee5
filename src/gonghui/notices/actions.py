"""The two ways to tell somebody something: the bell, and an e-mail. Both commit with the change they speak of."""

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
) -> None:
    """Ring the bell of each active user, and write them the same by e-mail (``mail=False``: the bell only), at once, once
    a day or not, as each has chosen (settings.py).

    ``url`` is a path on this site. ``sent_by`` learns of mail that does not arrive; by default whose request this is.
    ``tasks`` names what is asked of all, or of each ("review:12:superior"), until ``settle`` is told that it is done.
    To be called inside the transaction of the change (SPEC 7.1).
    """
    users = [user for user in users if user.is_active]
    title, body = _sentences(title), _sentences(body)
    asked = tasks if callable(tasks) else lambda _user: tasks
    way = ways(users, url) if mail else {}
    Notice.objects.bulk_create(
        Notice(
            user=user,
            title=title,
            body=body,
            url=url,
            tasks=list(asked(user)),
            digest=way.get(user.pk) == MailChoice.DAILY,
        )
        for user in users
    )
    if mail:
        text = _letter(title, body, url)
        mailed = [user for user in users if way[user.pk] == MailChoice.EACH]
        _send([_mail(user.email, title, f"{user}，您好：\n\n{text}", sent_by=sent_by) for user in mailed])


class Message(TypedDict, total=False):
    """What `notify` takes beside whom and the title."""

    body: str
    url: str
    mail: bool
    sent_by: User | None
    tasks: Sequence[str] | Callable[[User], Sequence[str]]


def notify_officers(
    unions: Collection[int | None] | QuerySet, title: str, **message: Unpack[Message]
) -> Collection[User]:
    """As ``notify``, the active officers of these grassroots unions, by their ids; returns them."""
    officers = User.objects.officers().filter(union__in=unions).order_by("pk")
    notify(officers, title, **message)
    return officers


def _sentences(text: str) -> str:
    """The text with one full stop where two meet: an opinion that ends with one is quoted before another."""
    return re.sub("([。！？])。+", r"\1", text)


def _letter(title: str, body: str, url: str) -> str:
    """What a mail says below its greeting: with the link, from whom it comes, and whom to ask."""
    base = settings.ENVIRONMENT.base_url
    footer = render_to_string("email/footer.txt", {"environment": settings.ENVIRONMENT, "base": base})
    told, link = _sentences(f"{title}。{body}"), f"：\n{base}{url}" if base else "。"
    return f"{told}\n\n请登录平台查看{link}\n\n{footer.strip()}\n"


def send_mail(to: str, subject: str, body: str) -> Mail:
    """Put one e-mail into the outbox that somebody waits for: it leaves before all that ``notify`` writes.

    A job sends it after the transaction has committed, and tries again on failure. ``subject`` is without the platform's
    name, which stands before every subject.
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
        sent_by_id=sender.pk if sender else None,  # who is not signed in has none
    )


def _send(mails: Sequence[Mail]) -> list[Mail]:
    """Any number of mails costs one statement for the outbox and one job, which sends them all."""
    from gonghui.notices.tasks import sender_of

    sent = Mail.objects.bulk_create(mails)
    if sent:
        defer(sender_of(urgent=sent[0].urgent))
    return sent


def send_digest(user: User, notices: Sequence[Notice], total: int) -> None:
    """One mail about the notices of a day, the newest first; in the caller's transaction."""
    base = settings.ENVIRONMENT.base_url
    lines = [f"· {notice.title}{f'：{base}{notice.url}' if base and notice.url else ''}" for notice in notices]
    if total > len(notices):
        lines.append(f"另有 {total - len(notices)} 条，请登录平台查看。")
    footer = render_to_string("email/footer.txt", {"environment": settings.ENVIRONMENT, "base": base})
    text = "\n".join([f"{user}，您好：", "", *lines, "", footer.strip(), ""])
    _send([_mail(user.email, f"您有 {total} 条通知", text)])


def settle(tasks: Sequence[str]) -> None:
    """These are done, by whoever did them: a notice that asks for nothing else counts as read, in everybody's bell.

    In the caller's transaction, which did it.
    """
    if not tasks:
        return
    with connection.cursor() as cursor:
        # In the order of their ids: two who settle different tasks of the same notices must not wait for each other.
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
    """The bell no longer counts this one; once is enough."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())


def mark_all_read(user: User) -> int:
    """The bell counts none any more. Returns how many it had counted."""
    return Notice.objects.filter(user=user, read_at=None).update(read_at=timezone.now())
