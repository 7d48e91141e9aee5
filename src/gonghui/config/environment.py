"""The operator's settings: read once from the environment, typed, and checked before the start.

Every variable is documented in docs/operations.md; a test compares.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

MAX_WEB_PROCESSES = 16

BUILT_IN_NOTICE = Path(__file__).with_name("privacy.md")


class BadEnvironment(Exception):
    """The environment is invalid; the text names the variable and the right values."""


def _flag(value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("expected 1 or 0")


def _days(value: str) -> int:
    if not 1 <= int(value) <= 36500:
        raise ValueError("expected a number of days from 1 on")
    return int(value)


def _processes(value: str) -> int:
    if not 1 <= int(value) <= MAX_WEB_PROCESSES:
        raise ValueError(f"expected a number from 1 to {MAX_WEB_PROCESSES}")
    return int(value)


def _names(value: str) -> list[str]:
    return [name.strip() for name in value.split(",") if name.strip()]


def _choice(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"expected one of {', '.join(allowed)}")
        return value

    return parse


def _card_maker(value: str) -> str:
    from gonghui.cards.makers import MAKERS  # the one list of formats

    return _choice(*MAKERS)(value)


@dataclass(frozen=True)
class PrivacyNotice:
    """「个人信息处理说明」: its Markdown text, and the version that accounts accept."""

    text: str
    version: str


def _privacy_notice(path: str | Path) -> PrivacyNotice:
    try:
        text = Path(path or BUILT_IN_NOTICE).read_text("utf-8")
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    version = re.search(r"^版本：(.{1,50})$", text, re.MULTILINE)
    if version is None:
        raise ValueError("expected a Markdown file in UTF-8 with a line 版本：2026-11-26 (or another version)")
    return PrivacyNotice(text, version[1].strip())


def _setting(variable: str, parse: Callable[[str], Any], default: Any, *, formerly: str = "") -> Any:
    """A field of ``Environment``; ``formerly`` is an old name that is read when the variable is not set."""
    metadata = {"variable": variable, "parse": parse, "formerly": formerly}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Environment:
    """The operator's settings. The defaults are for a demo; any other installation requires the secrets."""

    var: Path = _setting("GONGHUI_VAR", lambda value: Path(value).resolve(), Path("var").resolve())
    demo: bool = _setting("GONGHUI_DEMO", _flag, False)
    secret: str = _setting("GONGHUI_SECRET", str, "")
    sealing_secrets: list[str] = _setting("GONGHUI_SEALING_SECRETS", str.split, [])
    lookup_secret: str = _setting("GONGHUI_LOOKUP_SECRET", str, "")
    take_unbound: bool = _setting("GONGHUI_TAKE_UNBOUND", _flag, False)
    hosts: list[str] = _setting("GONGHUI_HOSTS", _names, ["localhost", "127.0.0.1", "[::1]"])
    base_url: str = _setting("GONGHUI_BASE_URL", lambda value: value.rstrip("/"), "")
    https: bool = _setting("GONGHUI_HTTPS", _flag, False)
    proxies: int = _setting("GONGHUI_PROXIES", int, 0)
    port: int = _setting("PORT", int, 8000)
    web_processes: int = _setting("GONGHUI_WEB_PROCESSES", _processes, min(os.cpu_count() or 1, MAX_WEB_PROCESSES))
    listen: str = _setting("GONGHUI_LISTEN", str, "127.0.0.1")
    database_url: str = _setting("DATABASE_URL", str, "")
    database_owner_url: str = _setting("DATABASE_OWNER_URL", str, "")
    database_role: str = _setting("GONGHUI_DATABASE_ROLE", _choice("application", "owner"), "application")
    work: str = _setting("GONGHUI_WORK", _choice("command", "pages", "jobs"), "command")
    email_url: str = _setting("EMAIL_URL", str, "")
    mail_from: str = _setting("GONGHUI_MAIL_FROM", str, "noreply@localhost")
    city: str = _setting("GONGHUI_CITY", str, "上海市")
    title: str = _setting("GONGHUI_TITLE", str, "上海工会网上工作平台")
    support_name: str = _setting("GONGHUI_SUPPORT_NAME", str, "上海示例科技有限公司")
    support_phone: str = _setting("GONGHUI_SUPPORT_PHONE", str, "021-00000000")
    icp_record: str = _setting("GONGHUI_ICP_RECORD", str, "")
    police_record: str = _setting("GONGHUI_POLICE_RECORD", str, "")
    support_email: str = _setting("GONGHUI_SUPPORT_EMAIL", str, "support@demo.test")
    idle_minutes: int = _setting("GONGHUI_IDLE_MINUTES", int, 30)
    session_hours: int = _setting("GONGHUI_SESSION_HOURS", int, 12)
    superiors_need_totp: bool = _setting("GONGHUI_SUPERIORS_NEED_TOTP", _flag, False)
    transfer_days: int = _setting("GONGHUI_TRANSFER_DAYS", int, 15)
    card_maker: str = _setting("GONGHUI_CARD_MAKER", _card_maker, "fixed_columns")
    lookup_misses: int = _setting("GONGHUI_LOOKUP_MISSES", int, 100, formerly="GONGHUI_TRANSFER_MISSES")
    code_lookups: int = _setting("GONGHUI_CODE_LOOKUPS", int, 20)
    password_profile: str = _setting("GONGHUI_PASSWORD_PROFILE", _choice("asvs", "mlps3"), "asvs")
    privacy: PrivacyNotice = _setting("GONGHUI_PRIVACY_FILE", _privacy_notice, _privacy_notice(BUILT_IN_NOTICE))
    keep_jobs_days: int = _setting("GONGHUI_KEEP_JOBS_DAYS", _days, 7)
    keep_failed_jobs_days: int = _setting("GONGHUI_KEEP_FAILED_JOBS_DAYS", _days, 90)
    keep_mail_texts_days: int = _setting("GONGHUI_KEEP_MAIL_TEXTS_DAYS", _days, 2)
    keep_mail_days: int = _setting("GONGHUI_KEEP_MAIL_DAYS", _days, 400)
    keep_notices_days: int = _setting("GONGHUI_KEEP_NOTICES_DAYS", _days, 400)
    keep_attachments_days: int = _setting("GONGHUI_KEEP_ATTACHMENTS_DAYS", _days, 180)
    keep_draft_attachments_days: int = _setting("GONGHUI_KEEP_DRAFT_ATTACHMENTS_DAYS", _days, 30)
    keep_counters_days: int = _setting("GONGHUI_KEEP_COUNTERS_DAYS", _days, 31)
    audit_heads: Path | None = _setting("GONGHUI_AUDIT_HEADS", lambda value: Path(value).resolve(), None)
    log_level: str = _setting("GONGHUI_LOG_LEVEL", _choice("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")


def read(environ: dict[str, str] | None = None) -> Environment:
    """Parse the environment (default: the process's own).

    Raises BadEnvironment naming the variable and the remedy.
    """
    environ = dict(os.environ) if environ is None else environ
    values = {}
    for item in fields(Environment):
        names = (item.metadata["variable"], item.metadata["formerly"])
        variable = next((name for name in names if name in environ), None)
        if variable is None:
            continue
        text = environ[variable]
        try:
            values[item.name] = item.metadata["parse"](text.strip())
        except ValueError as error:
            raise BadEnvironment(f"{variable}={text!r}: {error}") from error
    result = Environment(**values)
    if not result.demo:
        _require_secrets(result)
    return result


SECRET_LENGTH = 32
MAKE_SECRET = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
_FORMER = (
    "An installation of the version before, which had GONGHUI_SECRET alone, goes on with "
    'GONGHUI_SEALING_SECRETS="a new one, a space, the former GONGHUI_SECRET" and '
    "GONGHUI_LOOKUP_SECRET=the former GONGHUI_SECRET; GONGHUI_SECRET itself may then be replaced by a new one."
)


def _require_secrets(environment: Environment) -> None:
    """Raises BadEnvironment for a missing or short secret; the sentence says what it is for and how to make one."""
    for variable, secrets, meaning in (
        ("GONGHUI_SECRET", [environment.secret], "It signs sessions."),
        ("GONGHUI_SEALING_SECRETS", environment.sealing_secrets, f"The first seals personal data. {_FORMER}"),
        ("GONGHUI_LOOKUP_SECRET", [environment.lookup_secret], f"It finds people; never change it. {_FORMER}"),
    ):
        if not secrets or min(map(len, secrets)) < SECRET_LENGTH:
            raise BadEnvironment(
                f"{variable} is missing or shorter than {SECRET_LENGTH} characters. {meaning} "
                f"A new secret is made by {MAKE_SECRET} and kept apart from the backups."
            )
