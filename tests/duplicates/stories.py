"""The shortest ways to look-alikes."""

from datetime import date, timedelta

from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.duplicates.actions import Wish, merge
from gonghui.duplicates.choosing import choices
from gonghui.duplicates.finding import look_at
from gonghui.duplicates.models import Merge, Pair, Record
from gonghui.duplicates.overdue import settle_overdue
from gonghui.duplicates.queries import version_of
from gonghui.members.models import Member, Membership
from gonghui.unions.models import Union
from tests.factories import make_member

BORN = date(1985, 6, 7)


def alike(*unions: Union | None, mobile: str = "19900005678", name: str = "李重复", **fields) -> list[Member]:
    """A record in each of these unions: of one name, birth date and mobile, with documents of their own."""
    return [make_member(union, name=name, mobile=mobile, born_on=BORN, **fields) for union in unions]


def paired(*unions: Union | None, **fields) -> Pair:
    """Two records that were found."""
    members = alike(*unions, **fields)
    look_at([member.pk for member in members])
    return found(members[0])


def found(member: Member) -> Pair:
    return Pair.objects.select_related("member__union", "other__union", "owner").get(member=member)


def fresh(pair: Pair) -> Pair:
    return Pair.objects.select_related("member__union", "other__union", "owner").get(pk=pair.pk)


def merged(pair: Pair, by: User, *, kept: str = Record.MAIN, values: str = Record.MAIN) -> Merge:
    """By somebody who may; another union is asked where it has to be."""
    return merge(pair, Wish(Record(kept), Record(values)), version=version_of(fresh(pair)), by=by)


def silent(pair: Pair, by: User) -> Merge:
    """Asked for, and not answered in time: the superior decides."""
    one = merged(pair, by)
    Merge.objects.filter(pk=one.pk).update(due_on=localdate() - timedelta(days=1))
    settle_overdue()
    return Merge.objects.get(pk=one.pk)


def picked(pair: Pair, which: str = Record.MAIN, **others: str) -> dict[str, str]:
    """What the form sends to merge a pair: everything of one record, but for ``others``."""
    chosen = {choice.name: str(which) for choice in choices(pair)}
    return {"do": "merge", "version": version_of(pair), **chosen, **others}


def since(member: Member, days: int) -> None:
    """The member's one stay began so many days ago."""
    Membership.objects.filter(member=member).update(began_on=localdate() - timedelta(days=days))
