"""What superior unions decide for those below them, in one table: column, form, page and audit are made from it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class PolicyField:
    """A number of days, by the name of its column in ``Policy``.

    The city decides freely; whoever stands below it may only make it smaller. ``default`` holds where nobody has decided.
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
