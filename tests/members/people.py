"""Member values as an officer types them."""

from typing import Any

from gonghui.kit.invent import invent_person
from gonghui.members.fields import FIELDS, MemberValues
from gonghui.members.validation import validate_member


def typed(seed: int = 1, **changes: Any) -> dict[str, Any]:
    """Returns the form data of the invented person ``seed``."""
    person = invent_person(seed)
    return {
        **dict.fromkeys(FIELDS, ""),
        "name": person.name,
        "position": "member",
        "document_type": "resident_id",
        "document_number": person.resident_id,
        "sex": "male" if person.sex == "M" else "female",
        "born_on": person.born_on.isoformat(),
        "address": person.address,
        "mobile": person.mobile,
        "education": "bachelor",
        "household": "urban",
        "skill_level": "junior",
        **changes,
    }


def values(seed: int = 1, **changes: Any) -> MemberValues:
    """The same, checked."""
    checked, problems = validate_member(typed(seed, **changes), fields=list(FIELDS.values()))
    assert checked, problems
    return checked
