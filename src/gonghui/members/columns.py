"""A member's values as columns: sealed where they are stored sealed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gonghui.kit.names import name_key, pinyin_key, stored_key
from gonghui.kit.sealing import purpose
from gonghui.members.models import Member

DOCUMENT, ADDRESS, MOBILE = (
    purpose(Member, column) for column in ("document_sealed", "address_sealed", "mobile_sealed")
)
_purposes = {"document_number": DOCUMENT, "address": ADDRESS, "mobile": MOBILE}


def name_columns(name: str) -> dict[str, Any]:
    """A person's name with what it is sorted and found by."""
    return {"name": name, "name_key": stored_key(name, name_key(name)), "pinyin": pinyin_key(name)}


def columns_of(values: Mapping[str, Any], owner: UUID) -> dict[str, Any]:
    """The columns of these values (keys of ``values.FIELDS``); what is sealed for ``owner`` comes with it as ``seal_id``."""
    columns: dict[str, Any] = {}
    for field, value in values.items():
        match field:
            case "document_number" | "mobile" | "address":
                column = f"{field.removesuffix('_number')}_sealed"
                columns |= {column: _purposes[field].seal(value, owner) if value else None, "seal_id": owner}
            case "name":
                columns |= name_columns(value)
            case _:
                columns[field] = value
    return columns
