"""Child processes that parse uploaded files: a malicious file can crash only the child (ADR 11, 19).

The web process sends the bytes of a file to a child, and reads its answer. The size and the time of an answer and the
number of children are limited. The child limits its own memory and CPU time (``kit.caps``).
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
"""Size of the pipe in bytes: child and parent work at the same time. With the default, 64 KB, they block each other."""
TIME_LIMIT = 25
"""Time limit of a child in seconds; 50,000 rows of a workbook take one second."""
MAX_ANSWER = 64 * 1024 * 1024
"""Limit of a child's answer in bytes; 50,000 rows are 9 MB, a rewritten picture of 10 MB at most twice as much."""

_BUSY = "现在正在读取的文件较多，这一个还没有读取。请过一分钟再试，文件不用修改。"
_SOURCE = str(Path(__file__).parents[2])
_START = "import sys; sys.path.insert(0, sys.argv[1]); from importlib import import_module; import_module(sys.argv[2]).main()"

logger = logging.getLogger(__name__)

_turns = Semaphore(1_000)


def limit_children(count: int) -> None:
    """Limits this process to `count` children at once; further files are refused.

    The web process calls it at its start, because each child occupies a thread for up to TIME_LIMIT seconds. A worker
    needs no limit: it never has more children than jobs.
    """
    global _turns  # noqa: PLW0603 (said once, before the first file comes)
    _turns = Semaphore(count)


@contextmanager
def answered(module: str, job: Mapping[str, Any], data: bytes, *, unreadable: str) -> Iterator[Iterator[bytes]]:
    """Runs ``main`` of a module in a child; yields its answer in pieces, which the caller reads inside the block.

    The child gets the job as a line of JSON, then the file, on stdin. It always ends with the block. Raises Refused:
    with ``unreadable`` when the child died or its answer is too long, or when too many files are processed now.
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
    """Sends a job, and yields the answer in pieces. Raises Refused past MAX_ANSWER, or if the child died."""
    stdin, stdout = cast(IO[bytes], child.stdin), cast(IO[bytes], child.stdout)  # both are pipes, see _child
    try:
        stdin.write(json.dumps(job).encode() + b"\n")
        stdin.write(data)
        stdin.close()
    except BrokenPipeError:
        pass  # the child died early: the exit status shows it
    left = MAX_ANSWER
    while piece := stdout.read(256 * 1024):
        left -= len(piece)
        if left < 0:
            raise Refused(unreadable)
        yield piece
    if status := child.wait():
        logger.error("the process that looks into a file ended with %s", status)
        raise Refused(unreadable)
