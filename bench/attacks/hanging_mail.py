"""A mail server that hangs, and a flood of mail, against a running server and worker: `python bench/attacks/hanging_mail.py`.

An installation of its own on this machine, with `gonghui serve` and `gonghui worker`:

1. The mail server takes connections and never answers while 5,000 mails wait. An officer uploads five members by the
   page: how long until they are in?
2. The mail server takes 40 mails a second while 20,000 wait. Somebody asks for a new password by the page: how long until
   that mail is there?

Exits with 1 past the bounds. Another version is attacked by naming its sources: `PYTHONPATH=/path/to/src python ...`.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))

from gonghui.demo_data.cast import PASSWORD  # noqa: E402
from tests.imports.test_killed import GONGHUI, Installation  # noqa: E402
from tests.mailbox import Mailbox, hanging_server  # noqa: E402
from tests.stack import Visitor, free_port  # noqa: E402

IMPORT_SECONDS = 10
PASSWORD_SECONDS = 5
PATIENCE = 180
"""Seconds after which it is given up."""

TOLD = """
import sys
import django; django.setup()
from gonghui.accounts.models import User
from gonghui.notices.actions import notify
officer = User.objects.get(name="示例经办人")
for batch in range(int(sys.argv[1]) // 500):
    notify([officer] * 500, "年检已开始")
"""
WORKBOOK = """
import sys
import django; django.setup()
from tests.workbooks import member_row, upload
open(sys.argv[1], "wb").write(upload(member_row(seed) for seed in range(5)).read())
print(django.conf.settings.VERSION)
"""


def main() -> int:
    """Attack, measure, print; the exit status."""
    with tempfile.TemporaryDirectory(prefix="gonghui-attack-") as folder, hanging_server() as hanging:
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{hanging.port}"
        installation = Installation(Path(folder))
        try:
            with _served(installation) as address:
                held = _import_while_it_hangs(installation, address)
                quick = _password_behind_a_flood(installation, address)
        finally:
            installation.close()
    return 0 if held and quick else 1


@contextmanager
def _served(installation: Installation) -> Iterator[str]:
    port = free_port()
    environment = installation.environment | {"PORT": str(port)}
    server = subprocess.Popen([*GONGHUI, "serve"], env=environment, stdout=installation.log, stderr=installation.log)
    address = f"http://127.0.0.1:{port}"
    try:
        _seconds_until(lambda: _answer(f"{address}/healthz"))
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _answer(url: str) -> str:
    with suppress(URLError, OSError), urlopen(url, timeout=10) as answer:  # noqa: S310 (our own address)
        return answer.read().decode()
    return ""


def _seconds_until(condition: Callable[[], object]) -> float:
    """How long it took; PATIENCE when it never came."""
    began = time.monotonic()
    while not condition() and time.monotonic() - began < PATIENCE:
        time.sleep(0.05)
    return time.monotonic() - began


def _import_while_it_hangs(installation: Installation, address: str) -> bool:
    workbook = installation.var / "five.xlsx"
    installation.script(WORKBOOK, str(workbook))
    installation.script(TOLD, "5000")
    time.sleep(5)  # the worker has begun on them
    ((email,),) = installation.ask("SELECT email FROM accounts_user WHERE name = '示例经办人'")
    officer = Officer(address)
    officer.sign_in(email)
    officer.upload("/imports/members/", workbook)
    imported = "SELECT count(*) FROM imports_batch WHERE state = 'done'"
    taken = _seconds_until(lambda: installation.ask(imported) == [(1,)])
    print(f"import of 5 rows with the mail server hanging: {_told(taken)} (bound {IMPORT_SECONDS} s)")
    print(f"  /readyz: {_answer(f'{address}/readyz')}")
    return taken <= IMPORT_SECONDS


def _password_behind_a_flood(installation: Installation, address: str) -> bool:
    installation.kill_worker()
    mailbox = Mailbox(free_port(), seconds=0.025)
    installation.environment["EMAIL_URL"] = mailbox.url
    with mailbox.up():
        installation.script(TOLD, "20000")
        installation.start_worker()
        _seconds_until(lambda: len(mailbox.messages) > 100)
        ((email,),) = installation.ask("SELECT email FROM accounts_user WHERE name = '邻家经办人'")
        Visitor(address).post("/accounts/password/reset/", email=email)
        taken = _seconds_until(lambda: any(message["To"] == email for message in mailbox.messages[:]))
        ((jobs,),) = installation.ask(
            "SELECT count(*) FROM procrastinate_jobs WHERE queue_name IN ('mail', 'urgent_mail')"
        )
        ((used,),) = installation.ask("SELECT count(*) FROM pg_stat_activity WHERE usename = 'gonghui'")
        installation.kill_worker()
    print(f"password mail behind 20,000 others: {_told(taken)} (bound {PASSWORD_SECONDS} s)")
    print(f"  jobs of mail so far: {jobs}; database connections of one web process and one worker: {used}")
    return taken <= PASSWORD_SECONDS


def _told(seconds: float) -> str:
    return f"not within {PATIENCE} s" if seconds >= PATIENCE else f"{seconds:.1f} s"


class Officer(Visitor):
    """Signs in and sends a file, as a browser does."""

    def sign_in(self, email: str) -> None:
        self.post("/accounts/login/", login=email, password=PASSWORD)

    def upload(self, path: str, file: Path) -> None:
        token = self.get(path).partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        parts = [
            f'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'.encode(),
            f'--x\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'.encode(),
            file.read_bytes(),
            b"\r\n--x--\r\n",
        ]
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        self._opener.open(Request(self.address + path, b"".join(parts), headers), timeout=60).close()  # noqa: S310


if __name__ == "__main__":
    sys.exit(main())
