"""The members: those of the union's first import, those added one by one since, and those who have left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from gonghui.demo_data.city.world import Grassroots, World
from gonghui.demo_data.members import EDUCATIONS, FOREIGN, HOUSEHOLDS, OFFICERS, SKILLS, national
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.invent import invent_person
from gonghui.members.codes import DocumentType, Household, Sex, UnionPosition
from gonghui.members.encryption import to_columns
from gonghui.members.fields import MemberValues
from gonghui.members.memberships import BECOMES
from gonghui.members.models import Member, Membership, NumberRange
from gonghui.members.numbers import member_number
from gonghui.members.roster.sheet import MEMBERS
from gonghui.members.standings import RetainedFor, StandingState
from gonghui.members.states import Status
from gonghui.members.validation import document_key

PEOPLE = 1_000_000
"""Where the seeds of the city's members begin; each next one is the next person."""

Reason = Membership.Reason


@dataclass(slots=True)
class Stay:
    """A time in a union, or (``union`` none) without one."""

    union: int | None
    began: datetime
    by: str
    act: UUID | None = None


@dataclass(slots=True)
class Person:
    """A member as the rows will have it."""

    pk: int
    number: str
    values: MemberValues
    stays: list[Stay]
    batch: int | None = None
    has_card: bool = False
    correction: str = ""
    taken: bool = False  # something waits for this member: a card, a correction, a transfer
    retained_for: str = ""
    standing_on: date | None = None

    @property
    def joined(self) -> datetime:
        return self.stays[-1].began

    @property
    def label(self) -> str:
        return f"{self.values.name}（{self.number}）"


@dataclass
class Numbers:
    """会员编号 and people, one after the other, of the unions of a share."""

    next: dict[int, int]  # by the id of the level-2 superior
    person: int

    def take(self, union: Grassroots) -> tuple[str, int]:
        """The next 会员编号 of the union's superior, and the next person's seed."""
        level2 = union.superior.level2
        running = self.next.get(level2.pk, 1)
        self.next[level2.pk] = running + 1
        self.person += 1
        return member_number(level2.code or "", running), self.person


def numbers_of_city() -> dict[int, int]:
    """The next running number of each level-2 superior."""
    return {one.level2_id: one.next for one in NumberRange.objects.all()}


def save_numbers(numbers: Mapping[int, int]) -> None:
    for level2, running in numbers.items():
        NumberRange.objects.update_or_create(level2_id=level2, defaults={"next": running})


def join(world: World, union: Grassroots, numbers: Numbers) -> list[Person]:
    """Everybody who is in the union today, in the order in which they came."""
    if not union.approved_at or not union.size:
        return []
    chance = world.chance("members", union)
    imported_at = world.clock.after(union.approved_at, chance.randint(0, 9), chance)
    age = world.clock.days_since(imported_at)
    later = round(union.size * (0.35 if age > 300 else 0.15) * chance.random()) if age > 3 else 0
    batch, act = _import(world, union, imported_at, union.size - later, chance)
    times = [imported_at] * (union.size - later)
    times += sorted(world.clock.at(1 + chance.random() * (age - 2), chance) for _ in range(later))
    people = []
    for place, at in enumerate(times):
        first = place < union.size - later
        stay = Stay(union.pk, max(at, imported_at), Reason.IMPORTED if first else Reason.ADDED, act if first else None)
        people.append(_person(world, union, numbers, place, stay, batch if first else None))
    if retained := world.plan.retained(union.number, union.size):
        _retain(world, union, people[len(OFFICERS) : len(OFFICERS) + retained])
    return people


def _retain(world: World, union: Grassroots, people: Sequence[Person]) -> None:
    """By one act, of members of the first import who hold no office."""
    chance = world.chance("retained for", union)
    joined = people[0].joined
    at = world.clock.after(joined, chance.randint(0, max(world.clock.days_since(joined) - 2, 0)), chance)
    reason = chance.choice(RetainedFor.values)
    for person in people:
        person.retained_for, person.standing_on = reason, at.date()
    about = (Member, people[0].pk, people[0].label) if len(people) == 1 else None
    ids = [person.pk for person in people]
    told = {"reason": reason, "on": at.date().isoformat(), "count": len(ids), "members": ids}
    world.audit("member.retained", at, union.officer, union.pk, about, **told)


def leave(world: World, union: Grassroots, numbers: Numbers) -> tuple[list[Person], UUID, datetime] | None:
    """Who was in the union and is in none any more; how they are known, and when a dissolved one ended."""
    if not union.approved_at:
        return None
    chance = world.chance("leavers", union)
    ended = union.approved_at and union.state == "dissolved"
    count = world.plan.leavers(union.number, union.size)
    imported_at = world.clock.after(union.approved_at, 2, chance)
    age = world.clock.days_since(imported_at)
    act, at = _act(chance), world.clock.at(chance.randint(2, max(3, min(age - 20, 200))), chance)
    if not count or age < 30:
        return ([], act, at) if ended else None
    people = []
    for place in range(count):
        left_at = at if ended else world.clock.at(1 + chance.random() * min(age - 3, 330), chance)
        person = _person(world, union, numbers, place + 20, Stay(union.pk, imported_at, Reason.IMPORTED), None)
        why = Reason.DISSOLVED if ended else chance.choices(
            (Reason.RESIGNED, Reason.RETIRED, Reason.LEFT, Reason.DIED, Reason.WITHDRAWN), (68, 22, 6, 2, 2))[0]  # fmt: skip
        person.stays.append(Stay(None, left_at, why, act if ended else _act(chance)))
        if why == Reason.WITHDRAWN:
            person.standing_on = left_at.date()  # of the application
        people.append(person)
    return people, act, at


def _act(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _import(world: World, union: Grassroots, at: datetime, count: int, chance: Random) -> tuple[int, UUID]:
    pk, act = world.rows.next_id(Batch), _act(chance)
    message = f"新增会员 {count} 人。"
    world.rows.add(
        Batch, id=pk, kind=MEMBERS.key, union_id=union.pk, state=ImportState.DONE, filename="会员名册.xlsx", rows_total=count,
        rows_valid=count, rows_done=count, act=act, message=message, uploaded_by_id=union.officer.pk, uploaded_at=at,
        ended_at=at + timedelta(seconds=3 + count // 500),
    )  # fmt: skip
    done = at + timedelta(seconds=3 + count // 500)
    about = (Batch, pk, "会员名册.xlsx")
    counted = {"added": count, "returned": 0, "changed": 0, "requested": 0}
    world.audit("members.imported", done, union.officer, union.pk, about, **counted)
    return pk, act


def _person(world: World, union: Grassroots, numbers: Numbers, place: int, stay: Stay, batch: int | None) -> Person:
    number, seed = numbers.take(union)
    return Person(world.rows.next_id(Member), number, values_of(seed, place), [stay], batch)


def values_of(seed: int, place: int) -> MemberValues:
    """One invented person's values, checked: ``place`` in the union gives the position; every ninetieth is a foreigner."""
    person = invent_person(seed)
    position = OFFICERS[place] if place < len(OFFICERS) and (place < 3 or seed % 3) else UnionPosition.MEMBER
    foreign = seed % 90 == 89
    return MemberValues(
        name=FOREIGN[seed // 90 % len(FOREIGN)] if foreign else person.name,
        position=position.value,
        document_type=(DocumentType.PASSPORT if foreign else DocumentType.RESIDENT_ID).value,
        document_number=f"X{seed % 100_000_000:08}" if foreign else person.resident_id,
        sex=(Sex.MALE if person.sex == "M" else Sex.FEMALE).value,
        born_on=person.born_on,
        expires_on=None,
        address=person.address if seed % 40 else "",
        mobile=person.mobile,
        education=EDUCATIONS[seed % len(EDUCATIONS)].value,
        household=(Household.OTHER if foreign else HOUSEHOLDS[seed % len(HOUSEHOLDS)]).value,
        skill_level=SKILLS[seed % len(SKILLS)].value,
    )._replace(**national(seed))


def write(world: World, union: Grassroots, people: Sequence[Person], unit_code: str) -> None:
    """The rows of members and memberships, and that somebody came one by one."""
    for person in people:
        here = person.stays[-1].union
        values = person.values._asdict()
        world.rows.add(
            Member, id=person.pk, number=person.number, union_id=here, **to_columns(values, uuid4()),
            document_hash=document_key(person.values.document_type, person.values.document_number),
            unit_code=unit_code, has_card=person.has_card, correction=person.correction, batch_id=person.batch,
            status=Status.NORMAL if here else Status.UNATTACHED, created_at=person.stays[0].began, standing=_standing(person),
            retained_for=person.retained_for, standing_on=person.standing_on,
        )  # fmt: skip
        _stays(world, person)
        if person.stays[0].by == Reason.ADDED:
            at = person.stays[0].began
            world.audit("member.added", at, union.officer, union.pk, (Member, person.pk, person.label))


def _standing(person: Person) -> StandingState:
    if person.retained_for:
        return StandingState.RETAINED
    return BECOMES.get(Reason(person.stays[-1].by), StandingState.NORMAL)


def _stays(world: World, person: Person) -> None:
    before = None
    for stay, following in zip(person.stays, [*person.stays[1:], None], strict=True):
        pk = world.rows.next_id(Membership)
        world.rows.add(
            Membership, id=pk, member_id=person.pk, previous_id=before, union_id=stay.union, began_on=stay.began.date(),
            began_by=stay.by, began_act=stay.act, ended_on=following.began.date() if following else None,
            ended_by=following.by if following else None, ended_act=following.act if following else None,
        )  # fmt: skip
        before = pk
