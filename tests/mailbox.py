"""A real SMTP server for one test, and what arrived there."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from django.conf import settings as django_settings


@dataclass
class Mailbox:
    """What the server took, and how to make it fail."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    @contextmanager
    def up(self) -> Iterator[None]:
        """While inside, the server listens."""
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield
        finally:
            controller.stop()


def make_mailbox(settings) -> Mailbox:
    """Point Django at a free local port where ``Mailbox.up`` will listen."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"smtp://127.0.0.1:{port}"
    settings.ENVIRONMENT = replace(django_settings.ENVIRONMENT, email_url=url)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    return Mailbox(port)


def links(body: str) -> list[str]:
    """The links in a mail, as paths of our site."""
    return re.findall(r"https?://[^/\s]+(/\S+)", body)
