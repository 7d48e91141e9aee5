"""An SMTP server that keeps what it is sent."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.stack import free_port, wait_for


class Mailbox:
    """`messages` holds all mail in the order of arrival."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def url(self) -> str:
        """What EMAIL_URL says."""
        return f"smtp://127.0.0.1:{self._controller.port}"

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def wait_for(self, email: str, words: str = "") -> EmailMessage:
        """The newest mail to the address with the words in its subject or text; waits for it."""
        wait_for(lambda: self._find(email, words))
        found = self._find(email, words)
        assert found
        return found

    def _find(self, email: str, words: str) -> EmailMessage | None:
        for message in reversed(self.messages):
            if message["To"] == email and words in f"{message['Subject']}\n{message.get_content()}":
                return message
        return None
