"""The real thing for tests: ``gonghui demo`` with a folder, a database and a port of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import psutil

START_SECONDS = 400
"""A busy machine is no bug."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(var: Path, **variables: str) -> dict[str, str]:
    """Our own environment without what says how the tests themselves run; one web process, for whoever counts its threads."""
    ours = ("GONGHUI_", "DATABASE_", "DJANGO_", "EMAIL_", "PYTEST_", "PORT")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"GONGHUI_VAR": str(var), "GONGHUI_WEB_PROCESSES": "1"} | variables


def gonghui(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess:
    """Run one command to its end; its output is text."""
    command = [sys.executable, "-m", "gonghui.config.cli", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=START_SECONDS, check=False)


def wait_for(condition: Callable[[], object], seconds: float = 180) -> None:
    """Return once the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.1)


class Demo:
    """``gonghui demo`` as a process, with the story of forty unions alone. ``var`` keeps the data from one start to the next."""

    def __init__(self, var: Path, **variables: str) -> None:
        self.var, self.port = var, free_port()
        self.env = environment(var, PORT=str(self.port), **variables)
        self.output = var.with_name(f"{var.name}.output")
        self.address = f"http://127.0.0.1:{self.port}"

    def begin(self) -> None:
        """Start it and do not wait."""
        with self.output.open("wb") as output:
            command = [sys.executable, "-m", "gonghui.config.cli", "demo", "--small"]
            self.process = subprocess.Popen(command, env=self.env, stdout=output, stderr=output)

    def start(self) -> None:
        """Start it and wait until it serves."""
        self.begin()
        wait_for(lambda: "Ctrl-C" in self.said() or self.process.poll() is not None, START_SECONDS)
        assert self.process.poll() is None, self.said()

    def said(self) -> str:
        return self.output.read_text()

    def stop(self, number: int = signal.SIGINT) -> int:
        """The exit status after the signal."""
        self.process.send_signal(number)
        return self.process.wait(30)

    def child(self, name: str) -> psutil.Process | None:
        """The running ``serve`` or ``worker``."""
        for process in psutil.Process(self.process.pid).children():
            with suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
                if process.cmdline()[-1:] == [name]:
                    return process
        return None

    def left_running(self) -> list[psutil.Process]:
        """Every process that works for this demo's folder, also those that have lost their parent."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get("GONGHUI_VAR") == str(self.var) or Path(process.cwd()).is_relative_to(self.var)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            return False


def multipart(token: str, file: bytes) -> tuple[bytes, dict[str, str]]:
    """The body of a form with a workbook, and its header."""
    border, name = uuid.uuid4().hex, 'Content-Disposition: form-data; name="{}"'
    field = f"--{border}\r\n{name.format('csrfmiddlewaretoken')}\r\n\r\n{token}\r\n"
    head = f'--{border}\r\n{name.format("file")}; filename="a.xlsx"\r\nContent-Type: application/zip\r\n\r\n'
    body = (field + head).encode() + file + f"\r\n--{border}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={border}"}


class Visitor:
    """Reads pages and sends forms, with cookies and nothing else."""

    def __init__(self, address: str) -> None:
        self.address, self._opener = address, build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path: str, timeout: float = 30) -> str:
        with self._opener.open(self.address + path, timeout=timeout) as answer:
            return answer.read().decode()

    def read(self, path: str) -> str:
        """The page's words without its tags."""
        return " ".join(re.sub(r"<[^>]*>", "", self.get(path)).split())

    def post(self, path: str, **fields: str) -> str:
        """Send the form that stands on the page at ``path``."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path))
        assert token, f"no form on {path}"
        return self.send(path, {"csrfmiddlewaretoken": token[1], **fields}).read().decode()

    def send(self, path: str, fields: dict[str, str], timeout: float = 30) -> HTTPResponse:
        """Send a form whose token is known, and read the answer's head."""
        return self._opener.open(self.address + path, urlencode(fields).encode(), timeout=timeout)
