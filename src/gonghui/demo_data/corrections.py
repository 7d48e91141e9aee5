"""Corrections of what a member's card shows: one waits, one came back."""

from collections.abc import Iterator
from datetime import datetime

from gonghui.accounts.models import User
from gonghui.demo_data.backdating import days_ago
from gonghui.demo_data.cast import UNION_A, WUJIAOCHANG
from gonghui.members.corrections.review import CorrectionKind
from gonghui.members.fields import MemberValues
from gonghui.members.models import Member
from gonghui.members.register.actions import edit_member, version_of
from gonghui.members.register.forms import values_of
from gonghui.reviews.actions import decide
from gonghui.reviews.models import Step


def corrections() -> Iterator[datetime]:
    """Yields the time of each act before it acts."""
    yield days_ago(4, hour=9)
    officer = User.objects.select_related("union").get(email=UNION_A.email)
    mine = Member.objects.filter(union=officer.union, has_card=True).order_by("pk")
    _rename(mine[1], officer, "志", "智")
    yield days_ago(3, hour=16)
    step = Step.objects.select_related("review").get(review__kind=CorrectionKind.code, open=True)
    by = User.objects.get(union__code=WUJIAOCHANG, email="wujiaochang@demo.test")
    decide(step.review, decision="refused", opinion="请先核对身份证上的姓名用字，再提交。", by=by)
    yield days_ago(2, hour=10)
    _rename(mine[2], officer, "雨", "宇")


def _rename(member: Member, officer: User, old: str, new: str) -> None:
    """A character of the name was wrong (or, where it has none such, the last one)."""
    name = member.name.replace(old, new) if old in member.name else member.name[:-1] + new
    values = MemberValues(**values_of(member))._replace(name=name)
    edit_member(member, values, version=version_of(member), by=officer)
