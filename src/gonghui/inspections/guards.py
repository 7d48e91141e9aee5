"""What acts on windows and on confirmations share."""

from datetime import datetime

from django.utils.timezone import localtime

from gonghui.kit.errors import Refused

MAX_REASON = 200


def stated_reason(reason: str) -> str:
    if not (reason := " ".join(reason.split())):
        raise Refused("请填写原因。", field="reason")
    if len(reason) > MAX_REASON:
        raise Refused(f"原因不能超过 {MAX_REASON} 个字。", field="reason")
    return reason


def minute(at: datetime | None) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M}"
