"""The policy fields in one table, from which column, form, page and audit are made."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class PolicyField:
    """A number of days. ``name`` is its column in ``Policy``.

    The city may set any value, a union below it only a smaller one. ``default`` applies when no union has set a value.
    """

    name: str
    label: str
    help: str
    maximum: int
    default: Callable[[], int]


FIELDS = {
    field.name: field
    for field in (
        PolicyField(
            "transfer_days",
            "会员转移审核期限（天）",
            "基层工会要在这些天内答复会员的转入申请或接收转来的会员，逾期的转入申请由上级工会审核。改动只影响以后提出的申请。",
            maximum=365,
            default=lambda: settings.ENVIRONMENT.transfer_days,
        ),
    )
}
