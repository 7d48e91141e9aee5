"""Random acts of officers on random days, by the real actions, for figures to be counted of."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pgtrigger

from gonghui.demo_data.backdating import happened
from gonghui.kit.errors import Refused
from gonghui.members.fields import MemberValues
from gonghui.members.memberships import move_all, recount
from gonghui.members.models import Member, Membership
from gonghui.members.register.actions import add_member, edit_member, version_of
from gonghui.members.register.forms import values_of
from gonghui.members.retention.actions import resume, retain
from gonghui.transfers.departures.actions import release
from gonghui.transfers.requests.actions import request_member
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union, UnionState
from tests.factories import make_union, make_user
from tests.members.people import values
from tests.people import Cast
from tests.statistics.brute import ZONE
from tests.transfers.stories import agreed

EDUCATIONS = ["", "primary", "bachelor", "master"]
INDUSTRIES = ["", "C", "I", "P"]
STAFF = [None, 3, 30, 120, 400, 2_000]


class Acts:
    """A city of a few unions in which something happens each day."""

    def __init__(self, cast: Cast, random: Random) -> None:
        self.random, self.cast, self.serial = random, cast, 0
        other = make_union(UnionKind.DISTRICT, cast.city, name="虹口区总工会", area="虹口区")
        more = make_union(UnionKind.STREET, other, name="曲阳路街道工会", area="曲阳路街道")
        unions = [make_union(UnionKind.GRASSROOTS, street) for street in (cast.street, more, more)]
        self.streets, self.districts = [cast.street, cast.other_street, more], [cast.district, other]
        self.officers = {cast.union.pk: cast.officer, cast.neighbour.pk: cast.neighbour_officer}
        self.officers |= {cast.far.pk: cast.far_officer, **{union.pk: make_user(union) for union in unions}}

    def live(self, first: date, days: int, acts: int) -> None:
        """Lets so many acts happen on random days."""
        with pgtrigger.ignore():
            for place, pk in enumerate(sorted(self.officers)):  # the last ones come later
                begun = datetime.combine(first + timedelta(days=max(0, place - 3) * days // 5), time(9), ZONE)
                Union.objects.filter(pk=pk).update(created_at=begun)
        chosen = sorted(self.random.randrange(days) for _ in range(acts))
        for day in sorted(set(chosen)):
            at = datetime.combine(first + timedelta(days=day), time(10), ZONE)
            with happened(at):
                for _ in range(chosen.count(day)):
                    self.act()

    def act(self) -> None:
        doing: list[Callable[[], Any]] = [
            *[self.add] * 6, *[self.edit] * 4, *[self.let_go] * 2, *[self.transfer] * 2, self.retain, self.resume,
            self.card, self.employer, self.relocate, self.move_street, self.empty, self.undo,
        ]  # fmt: skip
        with suppress(Refused):
            self.random.choice(doing)()

    def union(self) -> Union:
        return Union.objects.get(pk=self.random.choice(list(self.officers)))

    def member(self) -> Member:
        rows = Member.objects.filter(union__isnull=False).order_by("pk")
        if not rows:
            raise Refused("")
        return rows[self.random.randrange(len(rows))]

    def add(self) -> None:
        former = Member.objects.filter(union=None).order_by("pk").first()
        union = self.union()
        if former and self.random.random() < 0.4:
            typed = MemberValues(**values_of(former))
        else:
            self.serial += 1
            typed = values(self.serial, education=self.random.choice(EDUCATIONS[1:]))
        add_member(union, typed, by=self.officers[union.pk], expulsion_known=True)

    def edit(self) -> None:
        member = self.member()
        changed = self.random.choice([
            {"education": self.random.choice(EDUCATIONS[1:])},
            {"household": self.random.choice(["urban", "rural"])},
        ])  # fmt: skip
        typed = MemberValues(**values_of(member))._replace(**changed)
        edit_member(member, typed, version=version_of(member), by=self.officers[member.union_id])
        if self.random.random() < 0.3:
            Member.objects.filter(pk=member.pk).update(
                migrant_worker=self.random.choice(["", "yes", "no"]),
                new_employment=self.random.choice(["", "none", "courier"]),
                sex=self.random.choice(["male", "female"]),
            )

    def let_go(self) -> None:
        member = self.member()
        release(member.union, [member.pk], to=None, reason="resigned", note="", by=self.officers[member.union_id])

    def transfer(self) -> None:
        member, union = self.member(), self.union()
        asked = request_member(union, member.name, member.document_number, by=self.officers[union.pk])
        if asked.transfer:
            agreed(asked.transfer, by=self.officers[member.union_id])

    def retain(self) -> None:
        member = self.member()
        began = Membership.objects.get(member=member, ended_on=None).began_on
        retain(member.union, [member.pk], reason="sick", on=began, by=self.officers[member.union_id])

    def resume(self) -> None:
        member = Member.objects.filter(standing="retained", union__isnull=False).order_by("pk").first()
        if member:
            resume(member.union, [member.pk], on=member.standing_on, by=self.officers[member.union_id])

    def card(self) -> None:
        member = self.member()
        Member.objects.filter(pk=member.pk).update(has_card=not member.has_card)

    def employer(self) -> None:
        union = self.union()
        union.staff_count = self.random.choice(STAFF)
        union.save(update_fields=["staff_count"])
        union.employer.industry = self.random.choice(INDUSTRIES)
        union.employer.save(update_fields=["industry"])

    def relocate(self) -> None:
        Union.objects.filter(pk=self.union().pk).update(superior=self.random.choice(self.streets))

    def move_street(self) -> None:
        Union.objects.filter(pk=self.random.choice(self.streets).pk).update(superior=self.random.choice(self.districts))

    def empty(self) -> None:
        """A union merges into another, or comes back without its members."""
        union, heir = self.union(), self.union()
        if union.state == UnionState.DISSOLVED:
            Union.objects.filter(pk=union.pk).update(state=UnionState.APPROVED)
        elif union.pk != heir.pk and heir.state == UnionState.APPROVED and self.random.random() < 0.3:
            move_all(union, to=heir, act=uuid4())
            Union.objects.filter(pk=union.pk).update(state=UnionState.DISSOLVED)

    def undo(self) -> None:
        """Who came and has not moved since is taken out of the register again, as the undoing of an import does."""
        member = self.member()
        if self.random.random() < 0.5 and Membership.objects.filter(member=member).count() == 1:
            take_out(member)


def take_out(member: Member) -> None:
    with pgtrigger.ignore():
        Membership.objects.filter(member=member).delete()
        Member.objects.filter(pk=member.pk).delete()
    recount(member.union_id)
