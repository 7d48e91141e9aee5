"""A window and what becomes of it, in a line."""

from datetime import date, timedelta

from django.utils.timezone import localdate

from gonghui.inspections.confirmations.actions import confirm_inspection, version_of
from gonghui.inspections.members import check
from gonghui.inspections.models import Confirmation, Subject, Window
from gonghui.inspections.windows.actions import open_window
from gonghui.kit.sealing import purpose
from gonghui.unions.models import Union
from tests.people import Cast


def day(days: int) -> date:
    """So many days from today."""
    return localdate() + timedelta(days=days)


def opened(cast: Cast, *level2s: Union, begins: int = 0, deadline: int = 25, **more) -> Window:
    """A window of this year; for the whole city unless it is told for whom."""
    return open_window(
        year=localdate().year, begins_on=day(begins), deadline=day(deadline), level2s=level2s,
        by=cast.platform_admin, **more,
    )  # fmt: skip


def confirmed(cast: Cast, window: Window, union: Union | None = None) -> Confirmation:
    """By the officer of the union (of `cast.union`, if none is named)."""
    union = union or cast.union
    members = window.subject == Subject.MEMBERS
    version = check.version_of_members(union) if members else version_of(union)
    return confirm_inspection(union, window=window, version=version, by=union.users.order_by("pk")[0])


def filled_in(union: Union, **values) -> Union:
    """The union with particulars that are in order, but for ``values``."""
    values = {
        "founded_on": date(2017, 7, 23),
        "reelection_on": day(400),
        "leader": "李示例",
        "phone": "19900001234",
        "staff_count": 3,
        "member_count": 2,
        "address": "示例路1号",
    } | values
    phone = values.pop("phone")
    union.phone_sealed = purpose(Union, "phone_sealed").seal(phone, union.seal_id) if phone else None
    union.employer.address = values.pop("address")
    union.employer.save()
    for name, value in values.items():
        setattr(union, name, value)
    union.save()
    return union
