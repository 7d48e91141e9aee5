"""Invented members, brought in as a workbook's rows are."""

from datetime import date
from typing import Any

from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.imports.kinds import Plan
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.invent import invent_person
from gonghui.members.codes import Education, Employment, Household, PoliticalStatus, SkillLevel, UnionPosition
from gonghui.members.fields import CORE, FIELDS
from gonghui.members.roster import actions as intake
from gonghui.members.roster.sheet import MEMBERS, Joining
from gonghui.members.validation import document_key, validate_member
from gonghui.unions.models import Union

OFFICERS = (
    UnionPosition.CHAIR,
    UnionPosition.DEPUTY_CHAIR,
    UnionPosition.AUDIT_DIRECTOR,
    UnionPosition.WOMEN_DIRECTOR,
    *[UnionPosition.COMMITTEE] * 4,
    *[UnionPosition.GROUP_LEADER] * 6,
)
FOREIGN = ("Elena Marchetti", "Tomasz Nowicki", "Priya Raghavan", "Lukas Brenner", "Mei Tanaka", "Sofia Lindqvist")
DOTTED = ("阿依古丽·艾合买提", "图尔贡·吐尔逊", "迪丽努尔·亚森", "麦麦提·阿卜杜拉", "卓玛·次仁", "扎西·多吉")
RARE = ("万俟喆", "尉迟堃", "令狐玥", "钭垚鑫", "单昇", "仇翀", "𠅤文", "张𬱖", "李𫖯")
EDUCATIONS = (Education.COLLEGE, Education.BACHELOR, Education.BACHELOR, Education.MASTER, Education.SENIOR_SECONDARY,
              Education.VOCATIONAL, Education.JUNIOR_SECONDARY, Education.BACHELOR, Education.DOCTOR)  # fmt: skip
HOUSEHOLDS = (Household.RESIDENT, Household.URBAN, Household.URBAN, Household.RURAL)
SKILLS = (SkillLevel.NONE, SkillLevel.NONE, SkillLevel.JUNIOR, SkillLevel.INTERMEDIATE, SkillLevel.SENIOR)
COLLECTED = [*CORE, FIELDS["political_status"], FIELDS["employment"]]
"""The manual's fields, and those that the demo's city asks for (``columns.py``)."""
POLITICAL = (PoliticalStatus.MASSES, PoliticalStatus.MASSES, PoliticalStatus.PARTY_MEMBER, PoliticalStatus.MASSES,
             PoliticalStatus.YOUTH_LEAGUE, PoliticalStatus.MASSES, PoliticalStatus.MASSES)  # fmt: skip
PEOPLE_A_STORY = 3000
"""Seeds of people are given by story, so that a change of one leaves the others' people as they are."""


def bring_in(union: Union, count: int, *, story: int, officer: User) -> None:
    """Make ``count`` invented people members of ``union``, as one import (SPEC 3.4)."""
    batch = Batch.objects.create(
        kind=MEMBERS.key,
        union=union,
        state=ImportState.QUEUED,
        filename="会员名册.xlsx",
        rows_total=count,
        rows_valid=count,
        uploaded_by=officer,
    )
    rows = [_joining(place, _raw(story * PEOPLE_A_STORY + place, place)) for place in range(count)]
    plan = Plan([], rows, count, details=tuple(field.name for field in COLLECTED))
    intake.stage(batch, plan, lambda done: None)
    batch.message = intake.commit(batch, plan)
    intake.clear(batch)
    batch.state, batch.rows_done, batch.ended_at = ImportState.DONE, count, timezone.now()
    batch.save()


def national(seed: int) -> dict[str, Any]:
    """What an invented person has in the columns that the city asks for; every twelfth has left them empty."""
    if seed % 12 == 5:
        return {"political_status": "", "employment": ""}
    return {
        "political_status": POLITICAL[seed % len(POLITICAL)].value,
        "employment": (Employment.SICK_LEAVE if seed % 97 == 3 else Employment.EMPLOYED).value,
    }


def _joining(place: int, raw: dict[str, str | date | None]) -> Joining:
    values, problems = validate_member(raw, fields=COLLECTED)
    if values is None:
        raise ValueError(f"invented person {place} is not in order: {problems}")
    return Joining(place + 2, values, document_key(values.document_type, values.document_number))


def _raw(seed: int, place: int) -> dict[str, str | date | None]:
    """One person's values as they would be typed; every fortieth bears a name or a document that is not the usual."""
    person = invent_person(seed)
    raw: dict[str, str | date | None] = {
        "name": person.name,
        "document_number": person.resident_id,
        "address": person.address,
        "mobile": person.mobile,
        "position": OFFICERS[place].value if place < len(OFFICERS) else "",
        "education": EDUCATIONS[seed % len(EDUCATIONS)].value,
        "household": HOUSEHOLDS[seed % len(HOUSEHOLDS)].value,
        "skill_level": SKILLS[seed % len(SKILLS)].value,
        **national(seed),
    }
    turn, rest = divmod(place, 40)
    if rest == 19:
        raw["name"] = RARE[turn % len(RARE)]
    elif rest == 29:
        raw["name"] = DOTTED[turn % len(DOTTED)]
    elif rest == 39:
        raw |= {
            "name": FOREIGN[turn % len(FOREIGN)],
            "document_type": "passport",
            "document_number": f"X{seed:08}",
            "sex": "male" if turn % 2 else "female",
            "born_on": person.born_on,
            "household": Household.OTHER.value,
        }
    return raw
