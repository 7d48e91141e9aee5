"""Reads the mail of an address from the outbox, for tests without a mail server."""

from gonghui.notices.models import Mail
from tests.mailbox import links


def last_body(to: str) -> str:
    """The text of the newest mail to ``to``."""
    return Mail.objects.filter(to=to).order_by("-pk").first().body


def last_link(to: str, part: str) -> str:
    """The path in the newest mail to ``to`` that contains ``part``."""
    return next(path for path in links(last_body(to)) if part in path)
