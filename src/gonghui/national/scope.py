"""Of whom a union's forms tell: its own people, or those of all approved unions below it."""

from django.db.models import QuerySet

from gonghui.members.models import Member
from gonghui.unions.models import Union, UnionState


def unions_below(node: Union) -> QuerySet[Union]:
    return Union.objects.below(node).grassroots().filter(state=UnionState.APPROVED)


def members_below(node: Union) -> QuerySet[Member]:
    return Member.objects.filter(union__in=unions_below(node))
