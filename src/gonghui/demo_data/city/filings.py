"""What a union has asked its superior for in its own matters: to be filed, changed, moved, claimed; and its end."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from gonghui.demo_data.city import names
from gonghui.demo_data.city.unions import account, entrance_of
from gonghui.demo_data.city.world import Grassroots, Say, Superior, World
from gonghui.filings.models import AccountClaim, Amendment, Dissolution, Filing, Relocation
from gonghui.kit.invent import invent_person
from gonghui.reviews.models import ReviewPart, ReviewState, Step
from gonghui.unions import union_details
from gonghui.unions.models import Union, UnionState

OPINIONS = (names.APPROVED_WITH, names.RETURNED_FOR)
NEW_LEADERS, CLAIMANTS = 50_000_000, 60_000_000


def file(world: World, union: Grassroots) -> None:
    """Its filing, in one round or two, as far as it has come."""
    if union.state == UnionState.UNFILED:
        return
    chance = world.chance("filing", union)
    proposed = union_details.pack(union.values, union.row)
    base: dict[str, Any] = {}
    round_ = 1
    submitted = world.clock.after(union.registered_at, chance.randint(0, 3), chance)
    ended = union.approved_at or world.clock.midnight
    if chance.random() < 0.2 and (ended - submitted).days >= 6:
        base = proposed | {"staff_count": union.values["staff_count"] + 30}
        no = Say(Step.Decision.REFUSED, world.clock.after(submitted, 1, chance), chance.choice(names.RETURNED_FOR))
        _round(world, union, submitted, no, base, {}, 1)
        submitted, round_ = world.clock.after(no.at, 1, chance), 2
    say: Say | None = None
    if union.approved_at:
        submitted = min(submitted, union.approved_at - timedelta(minutes=20))
        say = Say(Step.Decision.APPROVED, union.approved_at, chance.choice(names.APPROVED_WITH))
    elif union.state == UnionState.RETURNED:
        say = Say(Step.Decision.REFUSED, world.clock.after(submitted, 2, chance), chance.choice(names.RETURNED_FOR))
    _round(world, union, submitted, say, proposed, base, round_)


def _round(
    world: World, union: Grassroots, at: datetime, say: Say | None, proposed: dict, base: dict, round_: int
) -> None:
    about, number = (Union, union.pk, union.name), union.row.number
    review, state = world.review(
        "filing", union, at, {ReviewPart.SUPERIOR: (union.superior, say)}, proposed=proposed, base=base, round_=round_
    )
    world.rows.add(
        Filing, id=world.rows.id_on(Filing, at), union_id=union.pk, superior_id=union.superior.pk,
        entrance=entrance_of(union.superior), code=union.code, values=proposed, review_id=review,
        code_held=state == ReviewState.PENDING, updated_at=say.at if say else at,
    )  # fmt: skip
    world.audit("filing.submitted", at, union.officer, union.pk, about, round=round_)
    by = union.superior.reviewer
    if state == ReviewState.APPROVED and say:
        world.audit("filing.approved", say.at, by, union.pk, about, number=number)
        _tell(world, union, say, f"贵单位的工会资料已审核通过，工会编号 {number}")
    elif say:
        world.audit("filing.returned", say.at, by, union.pk, about)
        _tell(world, union, say, "贵单位的工会资料被退回修改")


def _tell(world: World, union: Grassroots, say: Say, title: str) -> None:
    world.tell(union.officer, say.at, title, body=f"审批意见：{say.opinion}" if say.opinion else "", url="/filings/")


def change(world: World, union: Grassroots) -> None:
    """Of an approved union: some have had their particulars changed, some ask for it, some want to move."""
    chance = world.chance("change", union)
    if union.state != UnionState.APPROVED or not union.approved_at:
        return
    age = world.clock.days_since(union.approved_at)
    dice = chance.random()
    if age > 60 and chance.random() < 0.35:
        _amend(world, union, chance, days=chance.randint(25, min(age - 10, 360)), waiting=False)
    if age > 30 and dice < 0.05:
        _amend(world, union, chance, days=1 + min(chance.expovariate(1 / 6), 24), waiting=True)
    elif age > 30 and dice < 0.09:
        _relocate(world, union, chance)
    elif age > 10 and dice < 0.11:
        _claim(world, union, chance)


def _amend(world: World, union: Grassroots, chance: Random, *, days: float, waiting: bool) -> None:
    """An approved amendment asked for today's values; a pending or returned one asks for others."""
    at = world.clock.at(days, chance)
    no = not waiting and chance.random() < 0.2
    other = {
        "leader": invent_person(NEW_LEADERS + union.number).name,
        "staff_count": union.values["staff_count"] + chance.randint(2, 20),
    }
    then = {key: value for key, value in union.values.items() if key != "superior"} | other
    other_packed = union_details.pack(then | {"superior": union.superior.union}, union.row)
    live = union_details.pack(union.values, union.row)
    base, proposed = (live, other_packed) if waiting or no else (other_packed, live)
    say: Say | None = None
    if not waiting:
        say = world.decision(at, 3, 1.0 if no else 0.0, OPINIONS, chance)
    review, state = world.review(
        "amendment", union, at, {ReviewPart.SUPERIOR: (union.superior, say)}, proposed=proposed, base=base
    )
    values = {key: value for key, value in proposed.items() if key not in union_details.FIXED}
    world.rows.add(
        Amendment, id=world.rows.id_on(Amendment, at), union_id=union.pk, values=values, review_id=review, updated_at=at
    )
    about = (Union, union.pk, union.name)
    changes = [list(one) for one in union_details.changes(base, proposed, union.row)]
    world.audit("amendment.submitted", at, union.officer, union.pk, about, changes=changes, round=1)
    if say and state == ReviewState.APPROVED:
        world.audit("amendment.approved", say.at, union.superior.reviewer, union.pk, about, changes=changes)
        _tell(world, union, say, "贵单位工会资料的修改已审核通过")
    elif say:
        world.audit("amendment.refused", say.at, union.superior.reviewer, union.pk, about)
        _tell(world, union, say, "贵单位工会资料的修改被退回，原来的资料不变")


def _relocate(world: World, union: Grassroots, chance: Random) -> None:
    """To a neighbour of the same superior: the one side may have agreed, or have sent it back, and the other waits."""
    there = [
        one for one in world.superiors if one.level2.pk == union.superior.level2.pk and one.pk != union.superior.pk
    ]
    if not there:
        return
    target = chance.choice(there)
    dice = chance.random()
    at = world.clock.at(chance.randint(40, 200) if dice < 0.3 and union.approved_at and
                        world.clock.days_since(union.approved_at) > 210 else 1 + min(chance.expovariate(1 / 7), 25), chance)  # fmt: skip
    old = world.clock.days_since(at) >= 40
    first = world.decision(at, 2, 1.0 if old else 0.0, (names.APPROVED_WITH, names.RETURNED_FOR[1:2]), chance)
    releasing = first if old or (dice > 0.6 and world.clock.days_since(at) > 3) else None
    reason = chance.choice(names.MOVED_FOR)
    base = union_details.pack(union.values, union.row) | {"members": union.size}
    proposed = {"superior": target.pk, "way": Relocation.Way.WITHIN.value, "reason": reason}
    says: dict[ReviewPart, tuple[Superior, Say | None]] = {
        ReviewPart.RELEASING: (union.superior, releasing),
        ReviewPart.RECEIVING: (target, None),
    }
    review, state = world.review("relocation", union, at, says, proposed=proposed, base=base)
    world.rows.add(
        Relocation, id=world.rows.id_on(Relocation, at), union_id=union.pk, way=Relocation.Way.WITHIN, origin_id=union.superior.pk,
        target_id=target.pk, reason=reason, review_id=review,
    )  # fmt: skip
    about = (Union, union.pk, union.name)
    names_ = {"old": str(union.superior.union), "new": str(target.union)}
    world.audit("relocation.submitted", at, union.officer, union.pk, about, **names_)
    if releasing and state == ReviewState.REFUSED:
        world.audit("relocation.refused", releasing.at, union.superior.reviewer, union.pk, about)


def _claim(world: World, union: Grassroots, chance: Random) -> None:
    """A second person of the employer wants an account; no union of her own yet."""
    at = world.clock.at(1 + min(chance.expovariate(1 / 4), 14), chance)
    person, email = invent_person(CLAIMANTS + union.number), f"claim-{union.number + 1:04}@demo.test"
    who = account(world, email, person.name, None, [], at)
    proposed = {"email": email, "name": person.name, "employer_name": union.employer}
    title = f"{person.name}（{email}）申请认领"
    review, _ = world.review(
        "account_claim",
        union,
        at,
        {ReviewPart.SUPERIOR: (union.superior, None)},
        title=title,
        by=who,
        proposed=proposed,
    )
    pk = world.rows.id_on(AccountClaim, at)
    world.rows.add(AccountClaim, id=pk, user_id=who.pk, union_id=union.pk, review_id=review)
    world.audit("claim.submitted", at, who, union.pk, (AccountClaim, pk, f"{union.name}：{title}"))


def end(world: World, union: Grassroots, members: int, act: UUID, at: datetime) -> None:
    """It was dissolved, and its members have no union since."""
    world.rows.add(
        Dissolution, id=world.rows.id_on(Dissolution, at), union_id=union.pk, way=Dissolution.Way.CLOSED, into_id=None,
        reason="单位已注销。", member_count=members, act=act, dissolved_by_id=union.officer.pk, dissolved_at=at,
    )  # fmt: skip
    label = str(Dissolution.Way.CLOSED.label)
    world.audit(
        "union.dissolved", at, union.officer, union.pk, (Union, union.pk, union.name), kind=label, count=members
    )
