"""The front door, for granian or any ASGI server: what may hold one of the threads in which pages ask the database.

Django's pages run in threads, as under WSGI (wsgi.py). Whatever else takes long stays outside of them, on the event loop:
a body that comes slowly, a reader that takes slowly, the queue for a thread. `/healthz` and static files have threads of
their own and are asked as nobody, so that they never come to the database (docs/adr/0020).
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from time import monotonic
from typing import Any, Self

from gonghui.config.wsgi import application as pages  # first: it sets Django up
from gonghui.kit import children, deadlines
from gonghui.kit.middleware import MAX_BODY_BYTES
from gonghui.portal.away import BUSY, TOO_SLOW_BODY, Trouble, page_of

PAGE_THREADS = 8
"""As many as the pool has connections: nobody waits for one while all threads work."""

FILE_THREADS = 2
FILES_AT_ONCE = 3
"""Children that look into uploaded files at once: however many come, pages have threads, and the machine its memory."""

QUEUE_SECONDS = 5.0
"""So long a request waits for a thread; then it is told that too many are here."""

BODY_SECONDS, BODY_BYTES_A_SECOND = 20.0, 20_000
"""A body must be here after so many seconds, and one more for each so many bytes that it announces."""

BODIES_BYTES = 256 * 1024 * 1024
"""All bodies of a process together."""

READER_SECONDS = 30.0
"""Who takes nothing of an answer for so long is left."""

PIECE_BYTES = 256 * 1024

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _Threads:
    """A few threads, and the queue before them."""

    def __init__(self, number: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(number, thread_name_prefix=name)
        self._free = asyncio.Semaphore(number)

    async def run(self, work: Callable[[], Any]) -> Any:
        """What ``work`` returns. Raises TimeoutError when no thread is free for QUEUE_SECONDS; then it was not begun."""
        async with asyncio.timeout(QUEUE_SECONDS):
            await self._free.acquire()
        # The thread works on when the visitor leaves: its place is given back when it is done and no sooner.
        loop, future = asyncio.get_running_loop(), self._executor.submit(work)
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._free.release))
        return await asyncio.wrap_future(future)


children.limit_children(FILES_AT_ONCE)
_pages, _files = _Threads(PAGE_THREADS, "page"), _Threads(FILE_THREADS, "file")


class _Refused(Exception):
    """Nothing was begun."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble


class _Disconnected(Exception):
    """The visitor has left."""


class _Held:
    """What one request holds in memory of BODIES_BYTES, until the block ends. Only the event loop's thread counts."""

    _all = 0

    def __enter__(self) -> Self:
        self._own = 0
        return self

    def __exit__(self, *_error: object) -> None:
        _Held._all -= self._own

    def take(self, number: int) -> None:
        """Raises _Refused when it is too much for all together."""
        self._own += number
        _Held._all += number
        if _Held._all > BODIES_BYTES:
            raise _Refused(BUSY)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """One HTTP request."""
    environ = _environ(scope)
    try:
        if environ["PATH_INFO"] == "/healthz" or environ["PATH_INFO"].startswith("/static/"):
            environ.pop("HTTP_COOKIE", None)
            await _answer(_files, environ, send)
            return
        with _Held() as held:
            if length := _length(environ):
                environ["wsgi.input"] = BytesIO(await _read(receive, length, held))
            await _answer(_pages, environ, send, arrived=monotonic())
    except _Refused as refused:
        await _send_whole(send, *page_of(refused.trouble, "HTTP_HX_REQUEST" in environ))
    except (_Disconnected, TimeoutError):
        return


def _length(environ: dict[str, Any]) -> int:
    """Bytes of the body to read: none of one without a length, or of one that kit.middleware refuses by its length."""
    text = environ.get("CONTENT_LENGTH", "")
    length = int(text[:19]) if text.isdecimal() else 0
    return length if length <= MAX_BODY_BYTES else 0


async def _read(receive: Receive, length: int, held: _Held) -> bytes:
    """The body. Raises _Refused when it comes too slowly or memory is short, _Disconnected."""
    pieces = []
    try:
        async with asyncio.timeout(BODY_SECONDS + length / BODY_BYTES_A_SECOND):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _Disconnected
                pieces.append(message.get("body", b""))
                held.take(len(pieces[-1]))
                more = message.get("more_body", False)
    except TimeoutError:
        raise _Refused(TOO_SLOW_BODY) from None
    return b"".join(pieces)


async def _answer(threads: _Threads, environ: dict[str, Any], send: Send, arrived: float | None = None) -> None:
    """Run the page and send what it answers. Raises _Refused when no thread is free, TimeoutError for a slow reader."""
    loop = asyncio.get_running_loop()

    def forward(*pieces: Any) -> None:
        """From the page's thread: a part of a long answer. Raises TimeoutError, which ends the page, too."""
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
        start, rest = await threads.run(work)
    except TimeoutError:
        if begun:
            raise
        raise _Refused(BUSY) from None
    await _send_part(send, start, rest)
    await send({"type": "http.response.body"})


def _call(environ: dict[str, Any], forward: Callable[[Message | None, bytes], None]) -> tuple[Message | None, bytes]:
    """Run the WSGI application in this thread; what is still to be sent: the head, unless it is sent, and the rest."""
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
    """Send the head, if it is one, and a part of the body. Raises TimeoutError when the reader takes nothing."""
    if start is not None:
        await send(start)
    for place in range(0, len(content), PIECE_BYTES):
        async with asyncio.timeout(READER_SECONDS):
            piece = content[place : place + PIECE_BYTES]
            await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _send_whole(send: Send, status: int, headers: dict[str, str], content: bytes) -> None:
    lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": content})


def _environ(scope: Scope) -> dict[str, Any]:
    """The request as WSGI has it (PEP 3333)."""
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
        # X_Forwarded_For would become the same key as X-Forwarded-For, which a proxy sets.
        if b"_" in name:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in {"CONTENT_LENGTH", "CONTENT_TYPE"}:
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        separator = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{separator}{text}" if key in environ else text
    return environ
