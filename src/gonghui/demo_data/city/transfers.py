"""Members on their way: who came from another union, who is asked for or offered, who has left."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.conf import settings
from django.utils.timezone import localdate

from gonghui.demo_data.city import names
from gonghui.demo_data.city.members import Person, Stay
from gonghui.demo_data.city.world import Grassroots, World
from gonghui.members.models import Membership
from gonghui.reviews.models import ReviewPart
from gonghui.transfers.models import Transfer, TransferState, Way
from gonghui.transfers.queries import address_of

CAME = 0.08
"""Of those who came one by one, so many from another union."""

SPARE, DONORS = 6, 8
"""Of each union so many members may be asked for; so many unions of a district are remembered."""

Reason = Membership.Reason


@dataclass
class Donor:
    """A union that is already written, with members that others may request."""

    union: Grassroots
    spare: list[Person]


@dataclass
class Donors:
    """The last unions of each district or bureau: the next union's transfers come from them."""

    of: dict[int, deque[Donor]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=DONORS)))

    def remember(self, union: Grassroots, people: Sequence[Person]) -> None:
        if union.approved_at and not union.busy:
            free = [one for one in people if not one.taken and not one.correction]
            self.of[union.superior.level2.pk].append(Donor(union, free[-SPARE:]))

    def one(self, union: Grassroots, chance: Random, before: datetime | None = None) -> Donor | None:
        """Another union of the same district; ``before``: that was there for some weeks by then."""
        found = [one for one in self.of[union.superior.level2.pk] if one.union.approved_at and (
            before is None or one.union.approved_at + timedelta(days=20) < before)]  # fmt: skip
        return chance.choice(found) if found else None


def come(world: World, union: Grassroots, people: Sequence[Person], donors: Donors) -> None:
    """Some of those who came one by one were in another union before, which agreed."""
    chance = world.chance("come", union)
    for person in people:
        if person.stays[0].by != Reason.ADDED or chance.random() >= CAME:
            continue
        donor = donors.one(union, chance, person.joined)
        if donor is None or donor.union.approved_at is None:
            continue
        act = UUID(int=chance.getrandbits(128), version=4)
        began = world.clock.after(donor.union.approved_at, 2, chance)
        asked_at = min(
            max(began, person.joined - timedelta(days=chance.randint(1, 9))), person.joined - timedelta(minutes=5)
        )
        if began >= asked_at:
            continue
        person.stays[:] = [
            Stay(donor.union.pk, began, Reason.IMPORTED),
            Stay(union.pk, person.joined, Reason.TRANSFERRED, act),
        ]
        pk = _transfer(world, person, Way.REQUEST, donor.union, union, asked_at, TransferState.AGREED,
                       (person.joined, donor.union), chance.choice(names.RELEASED_WITH), act=act)  # fmt: skip
        world.audit("transfer.agreed", person.joined, donor.union.officer, donor.union.pk,
                     (Transfer, pk, person.label), count=1, transfers=[pk])  # fmt: skip


def ask(world: World, union: Grassroots, people: Sequence[Person], donors: Donors) -> None:
    """What the union asks others for, or offers them: most waits, some was refused."""
    chance = world.chance("ask", union)
    if not union.approved_at or world.clock.days_since(union.approved_at) < 40 or union.busy:
        return
    for _ in range(chance.choices((0, 1, 2), (72, 20, 8))[0]):
        donor = donors.one(union, chance)
        if donor and donor.spare:
            _request(world, union, donor, donor.spare.pop(), chance)
    free = [one for one in people if not one.taken]
    if chance.random() < 0.08 and free and (donor := donors.one(union, chance)):
        person = free[-1]
        person.taken = True
        at = world.clock.at(chance.randint(1, 13), chance)
        pk = _transfer(world, person, Way.OFFER, union, donor.union, at, note="调动到贵单位工作。")
        world.audit("transfer.offered", at, union.officer, union.pk, (type(union.row), union.pk, union.name),
                     to=donor.union.name, count=1, transfers=[pk])  # fmt: skip
        world.tell(donor.union.officer, at, f"{union.name}转出会员到贵单位，请审核", url=address_of("offered"),
                   task=f"transfer:{pk}", kind="transfer.offer", open_=True)  # fmt: skip


def _request(world: World, union: Grassroots, donor: Donor, person: Person, chance: Random) -> None:
    days = settings.ENVIRONMENT.transfer_days
    asked = chance.choices(
        (chance.randint(1, 14), chance.randint(days + 2, days + 14), chance.randint(60, 200)), (55, 25, 20)
    )[0]
    at = world.clock.at(asked, chance)
    if person.joined > at:
        return
    person.taken = asked < 60
    if asked >= 60:
        decided = world.clock.after(at, 3, chance)
        pk = _transfer(world, person, Way.REQUEST, donor.union, union, at, TransferState.REFUSED, (decided, donor.union),
                       chance.choice(names.KEPT_FOR))  # fmt: skip
        world.audit("transfer.refused", decided, donor.union.officer, donor.union.pk, (Transfer, pk, person.label),
                     count=1, transfers=[pk])  # fmt: skip
        return
    review = None
    if world.clock.days_since(at) > days:  # a working day may lie up to two days before the one that was drawn
        fell_due = world.clock.after(at, days + 1, chance)
        says = {ReviewPart.SUPERIOR: (donor.union.superior, None)}
        title = f"{person.values.name} 转入 {union.name}"
        review, _ = world.review("member_transfer", donor.union, fell_due, says, title=title, by=union.officer)
    pk = _transfer(world, person, Way.REQUEST, donor.union, union, at, review=review)
    world.audit("transfer.requested", at, union.officer, union.pk, (Transfer, pk, person.label), tally="requested")
    if review is None:
        world.tell(
            donor.union.officer,
            at,
            "有会员申请转出，请审核",
            url=address_of("waiting"),
            task=f"transfer:{pk}",
            kind="transfer.request",
            open_=True,
        )


def left(world: World, union: Grassroots, people: Sequence[Person]) -> None:
    """Those who left the union for none, each by the officer's word."""
    for person in people:
        stay = person.stays[-1]
        if stay.by == Reason.DISSOLVED:
            continue
        on = person.standing_on
        pk = _transfer(world, person, Way.LEAVE, union, None, stay.began, TransferState.LEFT, (stay.began, union),
                       reason=stay.by, act=stay.act, document_on=on)  # fmt: skip
        world.audit("transfer.left", stay.began, union.officer, union.pk, (type(union.row), union.pk, union.name),
                     reason=str(stay.by), count=1, transfers=[pk], **({"on": on.isoformat()} if on else {}))  # fmt: skip


def _transfer(
    world: World,
    person: Person,
    way: Way,
    origin: Grassroots,
    target: Grassroots | None,
    at: datetime,
    state: TransferState = TransferState.WAITING,
    decided: tuple[datetime, Grassroots] | None = None,
    opinion: str = "",
    **more: object,
) -> int:
    """``decided``: when, and by whose officer."""
    asker = target if way == Way.REQUEST and target else origin
    pk = world.rows.id_on(Transfer, at)
    due_on = localdate(at) + timedelta(days=settings.ENVIRONMENT.transfer_days)
    world.rows.add(
        Transfer, id=pk, member_id=person.pk, way=way, origin_id=origin.pk, target_id=target.pk if target else None, state=state,
        reason=str(more.get("reason", "")), note=str(more.get("note", "")), act=more.get("act"), asked_by_id=asker.officer.pk,
        asked_at=at, due_on=None if way == Way.LEAVE else due_on, review_id=more.get("review"),
        decided_by_id=decided[1].officer.pk if decided else None, decided_at=decided[0] if decided else None, opinion=opinion,
        document_on=more.get("document_on"),
    )  # fmt: skip
    return pk
