"""The grassroots unions with their employers and officers, and their places in the tree."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from gonghui.accounts.models import Role, User
from gonghui.demo_data.cast import PASSWORD
from gonghui.demo_data.city import names
from gonghui.demo_data.city.plan import OLDEST, YEAR, Plan
from gonghui.demo_data.city.world import Actor, Grassroots, Superior, World
from gonghui.demo_data.national import ASKED, national_values
from gonghui.kit.invent import DISTRICTS, invent_person, invent_uscc
from gonghui.kit.names import stored_key, unit_columns, unit_key
from gonghui.kit.sealing import purpose
from gonghui.unions.codes import GrassrootsType
from gonghui.unions.levels import ENTRANCES, UnionKind
from gonghui.unions.models import Employer, RegisteredEmployer, Union, UnionState
from gonghui.unions.national import with_details

NATIONAL = 100_000
"""Where their seeds in the columns of the national form begin."""
_OF_UNION = [field.name for field in with_details(ASKED) if not field.of_employer]
_OF_EMPLOYER = [field.name for field in with_details(ASKED) if field.of_employer]
CODES, LEADERS, OFFICERS, REVIEWERS = 1_000_000, 20_000_000, 30_000_000, 40_000_000
"""Where the seeds of invented codes and people begin, apart from those of the demo's own story and of the members."""

BUREAUS, FAVOUR = 0.35, 15
"""A bureau's weight beside a district's; that of a favoured superior beside another."""

IN_REGISTER = 0.85


def homes(plan: Plan, superiors: Sequence[Superior]) -> Iterator[Superior]:
    """The superior of each union in its order: each level-2 union has one at least, as far as there are so many."""
    by_level2: dict[int, list[Superior]] = {}
    for one in superiors:
        by_level2.setdefault(one.level2.pk, []).append(one)
    level2s = list(by_level2.values())
    weights = {pk: list(accumulate(_weight(plan, one, place) for place, one in enumerate(of)))
               for pk, of in by_level2.items()}  # fmt: skip
    of_level2 = [BUREAUS if of[0].union.kind == UnionKind.COMPANY else 1.0 for of in level2s]
    for place, of in enumerate(level2s):
        of_level2[place] *= weights[of[0].level2.pk][-1]
    upto = list(accumulate(of_level2))
    for number in range(plan.unions):
        chance = plan.chance("home", number)
        of = level2s[number] if number < len(level2s) else chance.choices(level2s, cum_weights=upto)[0]
        yield chance.choices(of, cum_weights=weights[of[0].level2.pk])[0]


def _weight(plan: Plan, superior: Superior, place: int) -> float:
    return (FAVOUR if superior.union.code in plan.favoured else 1) / (1 + place % 7) ** 0.5


def found(world: World, number: int, size: int, superior: Superior) -> Grassroots:
    """One union as it is today, with its employer and its officer."""
    chance = world.plan.chance("union", number)
    state = world.plan.state(number)
    area = superior.level2.area if superior.union.kind == UnionKind.STREET else chance.choice(list(DISTRICTS.values()))
    employer, economic_type, industry = names.employer(chance, area)
    registered_at, approved_at = _times(world, state, chance)
    row = Union(pk=world.rows.next_id(Union), seal_id=uuid4())
    officer = _officer(world, number, row, registered_at, chance)
    union = Grassroots(
        number, row, f"{employer}工会", employer, superior, officer, state, size, registered_at, approved_at
    )
    union.code = invent_uscc(CODES + number)
    leader = invent_person(LEADERS + number)
    founded_on = registered_at.date() - timedelta(days=chance.randint(20, 9_000))
    due = chance.choice((-60, 20)) if chance.random() < 0.08 else chance.randint(60, 1_700)
    staff = (
        size
        + (chance.randint(0, 4) if chance.random() < 0.5 else round(size * chance.random() * 0.8))
        + chance.randint(1, 9)
    )
    union.values = {
        "employer_name": employer,
        "code": union.code,
        "economic_type": economic_type,
        "superior": superior.union,
        "address": names.address(chance, area),
        "industry": industry,
        "name": union.name,
        "founded_on": founded_on,
        "grassroots_type": chance.choices(list(GrassrootsType.values), (80, 10, 3, 3, 2, 2))[0],
        "reelection_on": world.clock.midnight.date() + timedelta(days=due),
        "leader": leader.name,
        "phone": leader.mobile,
        "staff_count": staff,
        "merged": chance.random() < 0.05,
    }
    union.values |= national_values(NATIONAL + number, union.values)
    registered = _registered(world, union) if chance.random() < IN_REGISTER else None
    _write(world, union, registered)
    world.audit(
        "employer.registered",
        registered_at,
        officer,
        row.pk,
        (Union, row.pk, union.name),
        in_register=registered is not None,
    )
    return union


def _times(world: World, state: str, chance: Random) -> tuple[datetime, datetime | None]:
    """When its employer registered, and when its first filing was approved."""
    if state in (UnionState.APPROVED, UnionState.DISSOLVED):
        recent = chance.random() < 0.3
        days = chance.randint(3, YEAR) if recent else chance.randint(YEAR + 1, OLDEST - 30)
        if state == UnionState.DISSOLVED:
            days = max(days, 120)
        approved_at = world.clock.at(days, chance)
        return world.clock.at(days + chance.randint(4, 25), chance), approved_at
    lately = 1 + min(chance.expovariate(1 / 6), 26)
    return world.clock.at(lately + chance.randint(1, 9), chance), None


def _officer(world: World, number: int, row: Union, at: datetime, chance: Random) -> Actor:
    name = invent_person(OFFICERS + number).name
    return account(world, f"officer-{number + 1:04}@demo.test", name, row.pk, [Role.OFFICER], at)


def account(world: World, email: str, name: str, union_id: int | None, roles: list[str], at: datetime) -> Actor:
    """Somebody who can sign in, with the demo's password."""
    pk = world.rows.next_id(User)
    world.rows.add(
        User, id=pk, email=email, name=name, union_id=union_id, roles=[str(role) for role in roles], password=_password(),
        joined_at=at, password_changed_at=at,
    )  # fmt: skip
    world.rows.add(
        EmailAddress, id=world.rows.next_id(EmailAddress), user_id=pk, email=email, verified=True, primary=True
    )
    return Actor(pk, name, union_id or 0)


@cache
def _password() -> str:
    return make_password(PASSWORD)


def _registered(world: World, union: Grassroots) -> int:
    pk, values = world.rows.next_id(RegisteredEmployer), union.values
    street = union.superior.union
    world.rows.add(
        RegisteredEmployer, id=pk, name=union.employer, name_key=stored_key(union.employer, unit_key(union.employer)),
        code=union.code, economic_type=values["economic_type"], industry=values["industry"], address=values["address"],
        staff_count=values["staff_count"], street_id=street.pk if street.kind == UnionKind.STREET else None,
        loaded_at=world.clock.midnight - timedelta(days=OLDEST + 5),
    )  # fmt: skip
    return pk


def _write(world: World, union: Grassroots, registered: int | None) -> None:
    values, row = union.values, union.row
    shown = union.approved_at is not None
    live = {
        key: values[key]
        for key in ("founded_on", "grassroots_type", "reelection_on", "leader", "staff_count", "merged", *_OF_UNION)
    }
    row.number = f"{union.superior.level2.code}{world.first_number + union.number:06}" if shown else None
    world.rows.add(
        Union, id=row.pk, kind=UnionKind.GRASSROOTS, superior_id=union.superior.pk if shown else None,
        **unit_columns(union.name), state=union.state, number=row.number, seal_id=row.seal_id,
        **(live | {"phone_sealed": purpose(Union, "phone_sealed").seal(values["phone"], row.seal_id)} if shown else {}),
        member_count=union.size, retained_count=world.plan.retained(union.number, union.size),
        created_at=union.registered_at,
    )  # fmt: skip
    dissolved = union.state == UnionState.DISSOLVED
    known = {key: values[key] for key in ("economic_type", "industry", "address", *_OF_EMPLOYER)} if shown else {}
    world.rows.add(
        Employer, id=world.rows.next_id(Employer), union_id=row.pk, name=union.employer,
        name_key=stored_key(union.employer, unit_key(union.employer)), **known,
        code=union.code if shown and not dissolved else None, former_code=union.code if dissolved else "",
        registered_id=registered,
    )  # fmt: skip


def entrance_of(superior: Superior) -> str:
    """Of the two entrances of the form, the one that offers this superior."""
    return next(name for name, kinds in ENTRANCES.items() if kinds[1] == superior.union.kind)
