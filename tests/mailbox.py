"""Real SMTP servers for one test: one that takes mail or answers as told, and one that never answers."""

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from django.conf import settings as django_settings

from tests.stack import free_port


@dataclass
class Mailbox:
    """What the server took, and how to make it fail."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """By address what it says instead of taking the mail; by "MAIL FROM" what it says to any sender."""
    asked: list[str] = field(default_factory=list)
    """Every address that it was asked to take mail for."""
    connections: set[tuple[str, int]] = field(default_factory=set)
    seconds: float = 0
    """How long it takes for each mail."""

    @property
    def url(self) -> str:
        """What EMAIL_URL says."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_MAIL(self, server, session, envelope, address, mail_options) -> str:  # noqa: N802
        self.connections.add(session.peer)
        envelope.mail_from = address
        return self.answers.get("MAIL FROM", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options) -> str:  # noqa: N802
        self.asked.append(address)
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        await asyncio.sleep(self.seconds)
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
    mailbox = Mailbox(free_port())
    send_to(settings, mailbox.port)
    return mailbox


def send_to(settings, port: int, *, timeout: float = 10) -> None:
    """Let Django send its mail to a port of this machine."""
    url = f"smtp://127.0.0.1:{port}"
    settings.ENVIRONMENT = replace(django_settings.ENVIRONMENT, email_url=url)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, timeout


@dataclass
class HangingServer:
    """Takes every connection and never says a word."""

    port: int
    connections: list[socket.socket] = field(default_factory=list)


@contextmanager
def hanging_server() -> Iterator[HangingServer]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        server = HangingServer(listener.getsockname()[1])

        def accept() -> None:
            try:
                while True:
                    server.connections.append(listener.accept()[0])
            except OSError:  # shut down below
                return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in server.connections:
                connection.close()


def links(body: str) -> list[str]:
    """The links in a mail, as paths of our site."""
    return re.findall(r"https?://[^/\s]+(/\S+)", body)
