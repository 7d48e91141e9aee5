"""Corrections of what a member's card shows, that wait for the superior or came back."""

import json
from collections.abc import Sequence
from uuid import uuid4

from gonghui.demo_data.city.members import Person
from gonghui.demo_data.city.world import Grassroots, World
from gonghui.kit.sealing import purpose
from gonghui.members.fields import LABELS
from gonghui.members.models import Correction, Member
from gonghui.members.states import CorrectionState
from gonghui.reviews.models import ReviewPart, ReviewState

_BASE, _PROPOSED = purpose(Correction, "base_sealed"), purpose(Correction, "proposed_sealed")
SHARE = 0.12
RETURNED_FOR = ("请先核对身份证上的姓名用字，再提交。",)


def correct(world: World, union: Grassroots, people: Sequence[Person]) -> None:
    """In some unions one member's name was written wrong on the card."""
    chance = world.chance("corrections", union)
    mine = [one for one in people if one.has_card and not one.taken]
    if not mine or chance.random() >= SHARE:
        return
    person = chance.choice(mine)
    at = world.clock.at(1 + min(chance.expovariate(1 / 4), 15), chance)
    say = world.decision(at, 2, 1.0, (RETURNED_FOR, RETURNED_FOR), chance) if chance.random() < 0.25 else None
    name, owner = person.values.name, uuid4()
    other = name[:-1] + chance.choice([one for one in "宇智琳昊妍" if one != name[-1]])
    review, state = world.review(
        "correction", union, at, {ReviewPart.SUPERIOR: (union.superior, say)}, title=person.label
    )
    person.correction = CorrectionState.PENDING if state == ReviewState.PENDING else CorrectionState.RETURNED
    world.rows.add(
        Correction, id=world.rows.id_on(Correction, at), review_id=review, member_id=person.pk, seal_id=owner,
        base_sealed=_BASE.seal(json.dumps({"name": name}, ensure_ascii=False), owner),
        proposed_sealed=_PROPOSED.seal(json.dumps({"name": other}, ensure_ascii=False), owner),
    )  # fmt: skip
    about = (Member, person.pk, person.label)
    world.audit("member.correction_submitted", at, union.officer, union.pk, about, fields=[LABELS["name"]])
    if say:
        world.audit("member.correction_refused", say.at, union.superior.reviewer, union.pk, about)
