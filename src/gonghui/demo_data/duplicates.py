"""People who are in the register twice: found at each level, one waits for a union's consent, one was merged."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from gonghui.accounts.models import User
from gonghui.demo_data.backdating import days_ago
from gonghui.demo_data.cast import JOINT, OTHER_JOINT, SUPERIORS, UNION_B
from gonghui.duplicates.actions import Wish, merge
from gonghui.duplicates.finding import look_at
from gonghui.duplicates.models import Merge, Pair, Record
from gonghui.duplicates.queries import version_of
from gonghui.kit.documents import id_check_digit
from gonghui.members.codes import DocumentType
from gonghui.members.fields import MemberValues
from gonghui.members.models import Member
from gonghui.members.register.actions import add_member
from gonghui.members.register.forms import values_of

XINJIANGWAN = next(account for account in SUPERIORS if account.email == "xinjiangwan@demo.test")
PERMIT = {
    "document_type": DocumentType.FOREIGN_PERMANENT,
    "document_number": "ITA310119830412",
    "mobile": "19905550182",
}
"""Of a foreigner who had a passport before, and another mobile."""


def duplicates() -> Iterator[datetime]:
    """Yields the time of each act before it acts."""
    yield days_ago(11, hour=10)
    foreigner = Member.objects.get(union__users__email=JOINT.email, document_type=DocumentType.PASSPORT)
    _registered_again(foreigner, JOINT.email, **PERMIT)
    mistyped = _registered_again(_member(JOINT.email, 20), JOINT.email)
    _registered_again(_member(JOINT.email, 25), OTHER_JOINT.email)
    moved = _registered_again(_member(UNION_B.email, 30), OTHER_JOINT.email)
    yield days_ago(6, hour=14)
    _merged(mistyped, JOINT.email, "证件号码录错一位，是同一人。")
    yield days_ago(3, hour=9)
    asked = _merged(moved, XINJIANGWAN.email, "已与本人核实，现在上海示例软件有限公司工作。")
    Merge.objects.filter(pk=asked.pk).update(due_on=F("due_on") - timedelta(days=3))


def _member(email: str, place: int) -> Member:
    """The member at this place of the officer's union."""
    return Member.objects.filter(union__users__email=email).order_by("pk")[place]


def _registered_again(member: Member, email: str, **changes: str) -> Pair:
    """The officer registers the person once more, with another document, and the pair is found."""
    officer = User.objects.select_related("union").get(email=email)
    changed: dict[str, Any] = changes or {"document_number": _mistyped(member.document_number)}
    values = MemberValues(**values_of(member))._replace(**changed)
    again = add_member(officer.union, values, by=officer, type_confirmed=True)
    look_at([member.pk, again.pk])
    return Pair.objects.get(other=again)


def _mistyped(number: str) -> str:
    """Another number of the same place, day and sex, whose check digit is right."""
    body = f"{number[:14]}{(int(number[14:17]) + 2) % 1000:03d}"
    return body + id_check_digit(body)


def _merged(pair: Pair, email: str, note: str) -> Merge:
    """As the older record says; where the unions differ, the younger record's union is asked."""
    by = User.objects.select_related("union").get(email=email)
    return merge(pair, Wish(Record.MAIN, Record.MAIN, note), version=version_of(pair), by=by)
