"""Closed figures, for the world of addresses."""

from datetime import timedelta
from functools import cached_property
from typing import Any

from django.utils.timezone import localdate

from gonghui.members.models import Membership
from gonghui.statistics.closing import close_all
from gonghui.statistics.models import Closing
from gonghui.unions.models import Union, UnionState
from tests.factories import make_member


class FigureThings:
    """``figures`` are those of the last end of a month, and as known now; there is a member at each street."""

    union: Any
    cast: Any

    @cached_property
    def figures(self) -> Closing:
        day = localdate() - timedelta(days=40)
        unions = (self.cast.union, self.cast.neighbour, self.cast.far)
        for union in Union.objects.filter(pk__in=[one.pk for one in unions]).exclude(state=UnionState.DISSOLVED):
            Membership.objects.filter(member=make_member(union)).update(began_on=day)
        close_all()
        return Closing.objects.earliest("day")
