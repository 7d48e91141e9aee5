"""The ASGI application, for granian or any ASGI server: it limits what occupies the threads that use the database.

Django's pages run in threads, as under WSGI (wsgi.py). Everything else that is slow runs on the event loop: receiving a
slow body, sending to a slow client, waiting for a thread. `/healthz` and static files have their own threads and lose
their cookies, so that they never use the database (docs/adr/0020).
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from time import monotonic
from typing import Any, Self

from django.conf import settings

from gonghui.config.wsgi import application as pages  # first: it sets Django up
from gonghui.kit import children, deadlines
from gonghui.kit.middleware import MAX_BODY_BYTES
from gonghui.portal.away import BUSY, TOO_SLOW_BODY, Trouble, page_of

PAGE_THREADS = 8
"""As many as the pool has connections: no thread waits for one."""

FILE_THREADS = 2
FILES_AT_ONCE = max(1, 4 // settings.WEB_PROCESSES)
"""Children of one process that look into uploaded files at once: however many come, pages have threads, and the machine
its memory."""

QUEUE_SECONDS, MAX_QUEUE_SECONDS = 5.0, 40.0
"""Seconds that a request waits for a thread before it gets the page 「同时使用的人太多」: QUEUE_SECONDS in which the
database has not answered anybody, or MAX_QUEUE_SECONDS in all. A rush is served in turn; a standstill is told at once."""

BODY_SECONDS, BODY_BYTES_A_SECOND = 20.0, 20_000
"""A body must arrive within BODY_SECONDS and one more second for each BODY_BYTES_A_SECOND of its length."""

BODIES_BYTES = 256 * 1024 * 1024
"""The limit of all bodies of a process together."""

READER_SECONDS = 30.0
"""A client that receives nothing for so long is disconnected."""

PIECE_BYTES = 256 * 1024

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Threads:
    """A thread pool with a queue."""

    def __init__(self, number: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(number, thread_name_prefix=name)
        self._free = asyncio.Semaphore(number)

    async def run(self, work: Callable[[], Any]) -> Any:
        """Returns the result of ``work``. Raises TimeoutError, before it runs, when it has waited too long for a thread."""
        await self._wait_in_turn()
        # The thread continues when the client disconnects: its slot is released only when the work is done.
        loop, future = asyncio.get_running_loop(), self._executor.submit(work)
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._free.release))
        return await asyncio.wrap_future(future)

    async def _wait_in_turn(self) -> None:
        """Waits for a free thread. Raises TimeoutError."""
        arrived, turn = monotonic(), asyncio.ensure_future(self._free.acquire())
        try:
            while not turn.done():
                until = min(max(arrived, deadlines.answered_at()) + QUEUE_SECONDS, arrived + MAX_QUEUE_SECONDS)
                if until <= monotonic():
                    raise TimeoutError
                await asyncio.wait({turn}, timeout=until - monotonic())
        except BaseException:
            if not turn.cancel():  # it was this request's turn at the same moment
                self._free.release()
            raise


children.limit_children(FILES_AT_ONCE)
_pages, _files = Threads(PAGE_THREADS, "page"), Threads(FILE_THREADS, "file")


class _Refused(Exception):
    """The request is refused before the page runs."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble


class _Disconnected(Exception):
    """The client has disconnected."""


class _Held:
    """The share of BODIES_BYTES that one request uses until the block ends. Only the event loop's thread calls it."""

    _all = 0

    def __enter__(self) -> Self:
        self._own = 0
        return self

    def __exit__(self, *_error: object) -> None:
        _Held._all -= self._own

    def take(self, number: int) -> None:
        """Raises _Refused when all requests together exceed BODIES_BYTES."""
        self._own += number
        _Held._all += number
        if _Held._all > BODIES_BYTES:
            raise _Refused(BUSY)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one HTTP request."""
    environ = _environ(scope)
    try:
        if environ["PATH_INFO"] == "/healthz" or environ["PATH_INFO"].startswith("/static/"):
            environ.pop("HTTP_COOKIE", None)
            await _answer(_files, environ, send)
            return
        with _Held() as memory:
            if length := _length(environ):
                environ["wsgi.input"] = BytesIO(await _read(receive, length, memory))
            await _answer(_pages, environ, send, arrived=monotonic())
    except _Refused as refused:
        await _send_whole(send, *page_of(refused.trouble, "HTTP_HX_REQUEST" in environ))
    except (_Disconnected, TimeoutError):
        return


def _length(environ: dict[str, Any]) -> int:
    """Bytes of the body to read: 0 without a length, or when kit.middleware refuses the length."""
    text = environ.get("CONTENT_LENGTH", "")
    length = int(text[:19]) if text.isdecimal() else 0
    return length if length <= MAX_BODY_BYTES else 0


async def _read(receive: Receive, length: int, memory: _Held) -> bytes:
    """Read the body. Raises _Refused when it is too slow or memory is short, _Disconnected."""
    pieces = []
    try:
        async with asyncio.timeout(BODY_SECONDS + length / BODY_BYTES_A_SECOND):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _Disconnected
                pieces.append(message.get("body", b""))
                memory.take(len(pieces[-1]))
                more = message.get("more_body", False)
    except TimeoutError:
        raise _Refused(TOO_SLOW_BODY) from None
    return b"".join(pieces)


async def _answer(threads: Threads, environ: dict[str, Any], send: Send, arrived: float | None = None) -> None:
    """Run the page and send its response. Raises _Refused when no thread is free, TimeoutError for a slow client."""
    loop = asyncio.get_running_loop()

    def forward(*pieces: Any) -> None:
        """Send a part of a long response, from the page's thread. Raises TimeoutError, which ends the page, too."""
        asyncio.run_coroutine_threadsafe(_send_part(send, *pieces), loop).result()

    begun = False

    def work() -> tuple:
        nonlocal begun
        begun = True
        if arrived is None:
            return _call(environ, forward)
        with deadlines.patience(deadlines.for_request(environ["REQUEST_METHOD"], arrived)):
            return _call(environ, forward)

    try:
        start, content = await threads.run(work)
    except TimeoutError:
        if begun:
            raise
        raise _Refused(BUSY) from None
    await _send_part(send, start, content)
    await send({"type": "http.response.body"})


def _call(environ: dict[str, Any], forward: Callable[[Message | None, bytes], None]) -> tuple[Message | None, bytes]:
    """Run the WSGI application in this thread. Returns what is not sent yet: the head, or None, and the content."""
    start: Message | None = None

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None, /) -> Callable:
        nonlocal start
        lines = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        start = {"type": "http.response.start", "status": int(status[:3]), "headers": lines}
        return waiting.extend

    waiting = bytearray()
    pieces: Iterable[bytes] = pages(environ, start_response)
    try:
        for piece in pieces:
            waiting += piece
            if len(waiting) >= 4 * PIECE_BYTES and getattr(pieces, "streaming", False):
                forward(start, bytes(waiting))
                start, waiting = None, bytearray()
    finally:
        close = getattr(pieces, "close", None)
        if close:
            close()
    return start, bytes(waiting)


async def _send_part(send: Send, start: Message | None, content: bytes) -> None:
    """Send the head, if any, and a part of the body. Raises TimeoutError when the client receives nothing."""
    if start is not None:
        await send(start)
    for offset in range(0, len(content), PIECE_BYTES):
        async with asyncio.timeout(READER_SECONDS):
            piece = content[offset : offset + PIECE_BYTES]
            await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _send_whole(send: Send, status: int, headers: dict[str, str], content: bytes) -> None:
    lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": content})


def _environ(scope: Scope) -> dict[str, Any]:
    """The request as a WSGI environ (PEP 3333)."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        # X_Forwarded_For would get the same key as X-Forwarded-For, which a proxy sets.
        if b"_" in name:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in {"CONTENT_LENGTH", "CONTENT_TYPE"}:
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        separator = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{separator}{text}" if key in environ else text
    return environ
