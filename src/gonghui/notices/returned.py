"""Undelivered mail: its sender is notified, and account pages show it."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from django.conf import settings
from django.utils.timezone import localtime

from gonghui.accounts.models import User
from gonghui.kit.documents import mask_email
from gonghui.notices.actions import notify
from gonghui.notices.models import Mail, MailState

MAX_ADDRESSES = 3


def notify_senders(mails: Sequence[Mail]) -> None:
    """Notifies each sender of failed mails once, by the bell only: mail might fail too.

    Call it in the transaction that marks the mails failed.
    """
    by_sender: dict[int, list[Mail]] = defaultdict(list)
    for mail in mails:
        if mail.sent_by_id:
            by_sender[mail.sent_by_id].append(mail)
    for sender in User.objects.filter(pk__in=by_sender):
        undelivered_mails = by_sender[sender.pk]
        notify([sender], f"有 {len(undelivered_mails)} 封邮件没有送达", body=_summary(undelivered_mails), mail=False)


def reason(error: str) -> str:
    """Returns a failed mail's error in plain words. A mail server's answer begins with its code (RFC 5321, 3463)."""
    answer = re.match(r"(\d{3})\b(?:[ -]\d\.(\d+\.\d+))?", error)
    if answer is None:
        return "邮件服务器一直没有应答"
    code, detail = answer[1], answer[2] or ""
    if code in {"452", "552"} or detail in {"2.2", "2.3"}:
        words = "对方邮箱已满，或者邮件太大"
    elif code in {"550", "551", "553"} or detail.startswith("1."):
        words = "这个邮箱不存在，或者不接收邮件"
    else:
        words = "对方的邮件服务器没有接收"
    return f"{words}（服务器答复 {code}）"


def _summary(mails: Sequence[Mail]) -> str:
    first = "；".join(
        f"发给 {mask_email(mail.to)} 的“{_subject(mail)}”：{reason(mail.error)}" for mail in mails[:MAX_ADDRESSES]
    )
    suffix = f"；还有 {len(mails) - MAX_ADDRESSES} 封" if len(mails) > MAX_ADDRESSES else ""
    return f"{first}{suffix}。请与收件人核对邮箱地址，改正后重新发送；地址无误的，请用电话等方式告知。"


def _subject(mail: Mail) -> str:
    return mail.subject.removeprefix(f"【{settings.ENVIRONMENT.title}】")


def undelivered(emails: Collection[str]) -> dict[str, str]:
    """Returns the addresses whose newest mail has failed, each with a sentence that says when and why."""
    newest = Mail.objects.filter(to__in=emails).order_by("to", "-pk").distinct("to").defer("body_sealed")
    return {
        mail.to: f"{localtime(mail.created_at):%Y-%m-%d %H:%M} 发出的“{_subject(mail)}”没有送达：{reason(mail.error)}。"
        for mail in newest
        if mail.state == MailState.FAILED
    }
