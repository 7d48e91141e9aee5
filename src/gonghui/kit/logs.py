"""Structured logs with a request id and without personal data."""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

# A line may be as long as a request: each pattern begins at the start of a run and does not backtrack (`++`), so its
# time grows with the length and not with its square.
# Digits as long as a mobile or more, an identity number's X included: nothing in a log needs them.
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z-])\d{11,}+[Xx]?(?![0-9A-Za-z-])")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")
# Of an address: the link that sets a password, proves an e-mail or makes a device known, and what was searched for.
_SECRET_LINK = re.compile(r"(/(?:reset/key|confirm-email|device)/)[^/?\s\"']+")
_QUERY = re.compile(r"(/\?)[^\s\"']+")
# Personal data by the name of its key, whatever its value looks like.
_PERSONAL_KEYS = frozenset({"name", "document_number", "mobile", "phone", "address", "email", "password", "leader"})

_SCRUBBED = ((_SECRET_LINK, r"\1***"), (_QUERY, r"\1***"), (_LONG_NUMBER, "***"), (_MAIL, "***@***"))


def scrub(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: removes personal data from every value of every log line."""
    return {key: "***" if key in _PERSONAL_KEYS else _scrubbed(value) for key, value in event.items()}


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        for pattern, instead in _SCRUBBED:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, dict):
        return scrub(None, "", value)
    if isinstance(value, list | tuple):
        return [_scrubbed(item) for item in value]
    return value


def configure(level: str) -> None:
    """Writes each event as one JSON line to stderr; on a terminal as readable text."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        scrub,
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("procrastinate", "psycopg.pool"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
