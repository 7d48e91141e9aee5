"""会籍, a member's standing (SPEC 3.10): what each one may, how one comes back, and what the database holds of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Any

from django.db import models
from django.db.models import Q

from gonghui.kit.states import Transitions
from gonghui.members.codes import UnionPosition


class StandingState(models.TextChoices):
    """Who has resigned or was expelled is in no union; all others may be in one or not (`Member.status`)."""

    NORMAL = "normal", "正常"
    RETAINED = "retained", "保留会籍"
    RESIGNED = "resigned", "退会"
    EXPELLED = "expelled", "除名"


STANDING_TRANSITIONS = Transitions(
    initial=[StandingState.NORMAL],
    following={
        StandingState.NORMAL: [StandingState.RETAINED, StandingState.RESIGNED, StandingState.EXPELLED],
        StandingState.RETAINED: [StandingState.NORMAL, StandingState.RESIGNED, StandingState.EXPELLED],
        # By joining anew, or back to what it was when the departure is undone.
        StandingState.RESIGNED: [StandingState.NORMAL, StandingState.RETAINED],
        StandingState.EXPELLED: [StandingState.NORMAL, StandingState.RETAINED],
    },
)


class RetainedFor(models.TextChoices):
    """Why a membership is retained: 就业状况 and 会籍变化原因 of the national form, and 服兵役."""

    UNEMPLOYED = "unemployed", "失业"
    LAID_OFF = "laid_off", "待（下）岗"
    RETIRED = "retired", "退休"
    EARLY_RETIRED = "early_retired", "退养（内退）"
    LEFT_WORK = "left_work", "退职"
    SICK = "sick", "病休"
    BANKRUPT = "bankrupt", "所在企业破产"
    MILITARY = "military", "服兵役"
    OTHER = "other", "其他"


class Return(Enum):
    """By which doors somebody who is in no union comes into one."""

    ANY = auto()
    """Also with all who are bound to an employer's code, and by transfer."""
    NAMED = auto()
    """By an application of his or her own: 「新增会员」, or named in a workbook."""
    CONFIRMED = auto()
    """By 「新增会员」 alone, where the officer confirms to know of the expulsion."""


@dataclass(frozen=True)
class Permissions:
    """What members of a standing may, and where they count. ``counted_as_staff``: among those who are compared with the
    union's 职工人数; every member of a union counts as a member, who is retained in a column of their own too.
    """

    card: bool
    """A card may be applied for, or replaced; one that is there may be reported lost and given back."""
    transfer: bool
    """May be asked for by another union, or offered to one."""
    counted_as_staff: bool
    duties: bool
    """Holds an office in the union (工会职务), and is checked by the members' inspection."""
    booking: bool
    returns: Return


PERMISSIONS: Mapping[str, Permissions] = MappingProxyType({
    StandingState.NORMAL: Permissions(
        card=True, transfer=True, counted_as_staff=True, duties=True, booking=True, returns=Return.ANY
    ),
    StandingState.RETAINED: Permissions(
        card=False, transfer=True, counted_as_staff=False, duties=False, booking=False, returns=Return.ANY
    ),
    StandingState.RESIGNED: Permissions(
        card=False, transfer=False, counted_as_staff=False, duties=False, booking=False, returns=Return.NAMED
    ),
    StandingState.EXPELLED: Permissions(
        card=False, transfer=False, counted_as_staff=False, duties=False, booking=False, returns=Return.CONFIRMED
    ),
})  # fmt: skip
"""The one table that every action asks (docs/adr/0046). 《中国工会章程》 lets the retired and the unemployed keep their
membership; 《工会会员会籍管理办法》 (2016) says what that means: no fees, no vote and no office.
"""


NO_OFFICE = "保留会籍期间不担任工会职务"


def may_hold_office(standing: str, position: str) -> bool:
    """Whether somebody of this standing may have this 工会职务."""
    return PERMISSIONS[standing].duties or position == UnionPosition.MEMBER


def standings_that(**wanted: Any) -> list[str]:
    """The standings whose row of the table says so: ``standings_that(returns=Return.ANY)``."""
    return [
        str(standing)
        for standing, row in PERMISSIONS.items()
        if all(getattr(row, name) == value for name, value in wanted.items())
    ]


CONSTRAINTS = [
    models.CheckConstraint(condition=Q(standing__in=StandingState.values), name="member_standing_known"),
    models.CheckConstraint(
        condition=~Q(standing__in=[StandingState.RESIGNED, StandingState.EXPELLED])
        | Q(union=None, standing_on__isnull=False),
        name="member_ended_standing_is_dated",
    ),
    models.CheckConstraint(
        condition=Q(standing=StandingState.RETAINED, retained_for__in=RetainedFor.values, standing_on__isnull=False)
        | (~Q(standing=StandingState.RETAINED) & Q(retained_for="")),
        name="member_retained_for_a_reason",
    ),
]
INDEX = models.Index(fields=["union", "id"], condition=Q(standing=StandingState.RETAINED), name="member_retained")
