"""Child processes that look into what was uploaded, so that only they can die of it (ADR 11, 19).

The process that serves pages hands over a file's bytes, and takes an answer of bounded size in bounded time from a bounded
number of children. What a child may use is said by the child itself (``kit.caps``).
"""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Semaphore, Timer
from typing import IO, Any, cast

from gonghui.kit.errors import Refused

PIPE_SIZE = 1024 * 1024
"""Lets child and parent work at the same time; with the usual 64 KB they wait for each other."""
TIME_LIMIT = 25
"""Seconds a child may take; it takes one for 50,000 rows of a workbook."""
MAX_ANSWER = 64 * 1024 * 1024
"""Bytes that are taken of a child's answer; 50,000 rows are 9 MB, a picture of 10 MB written anew no more than twice that."""

_BUSY = "现在正在读取的文件较多，这一个还没有读取。请过一分钟再试，文件不用修改。"
_SOURCE = str(Path(__file__).parents[2])
_START = "import sys; sys.path.insert(0, sys.argv[1]); from importlib import import_module; import_module(sys.argv[2]).main()"

logger = logging.getLogger(__name__)

_turns = Semaphore(1_000)


def limit_children(count: int) -> None:
    """From now on this process has no more than `count` children at once, and refuses whatever comes meanwhile.

    The web process says so as it starts, since each child holds a thread for up to TIME_LIMIT seconds. A worker need
    not: it has no more children than it runs jobs.
    """
    global _turns  # noqa: PLW0603 (said once, before the first file comes)
    _turns = Semaphore(count)


@contextmanager
def answered(module: str, job: Mapping[str, Any], data: bytes, *, unreadable: str) -> Iterator[Iterator[bytes]]:
    """The answer of ``main`` of a module to the job and the file, in pieces, to be taken within.

    The child gets the job as a line of JSON and the file on stdin; it is gone afterwards whatever happens. Raises
    Refused: ``unreadable`` when it died or said too much, or that too many files are looked at just now.
    """
    if not _turns.acquire(blocking=False):
        raise Refused(_BUSY)
    try:
        with _child(module) as child:
            yield _ask(child, job, data, unreadable)
    finally:
        _turns.release()


@contextmanager
def _child(module: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-I", "-c", _START, _SOURCE, module]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pipesize=PIPE_SIZE
    )
    timer = Timer(TIME_LIMIT, child.kill)
    timer.daemon = True
    timer.start()
    try:
        with child:
            try:
                yield child
            finally:
                child.kill()
    finally:
        timer.cancel()


def _ask(child: subprocess.Popen[bytes], job: Mapping[str, Any], data: bytes, unreadable: str) -> Iterator[bytes]:
    """Send a job, and yield the answer in pieces as they come. Raises Refused past MAX_ANSWER, or if the child died."""
    stdin, stdout = cast(IO[bytes], child.stdin), cast(IO[bytes], child.stdout)  # both are pipes, see _child
    try:
        stdin.write(json.dumps(job).encode() + b"\n")
        stdin.write(data)
        stdin.close()
    except BrokenPipeError:
        pass  # it died early; its exit status says so
    left = MAX_ANSWER
    while piece := stdout.read(256 * 1024):
        left -= len(piece)
        if left < 0:
            raise Refused(unreadable)
        yield piece
    if status := child.wait():
        logger.error("the process that looks into a file ended with %s", status)
        raise Refused(unreadable)
