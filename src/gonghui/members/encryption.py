"""Converts a member's values to columns, sealed where required."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gonghui.kit.names import name_key, pinyin_key, stored_key
from gonghui.kit.sealing import purpose
from gonghui.members.fields import FIELDS
from gonghui.members.models import Member

_purposes = {name: purpose(Member, field.columns[0]) for name, field in FIELDS.items() if field.sealed}
DOCUMENT, MOBILE = _purposes["document_number"], _purposes["mobile"]


def name_columns(name: str) -> dict[str, Any]:
    """Returns the columns of a name: the name, its search key and its sort key."""
    return {"name": name, "name_key": stored_key(name, name_key(name)), "pinyin": pinyin_key(name)}


def to_columns(values: Mapping[str, Any], owner: UUID) -> dict[str, Any]:
    """Returns the columns of these values (keys of FIELDS); sealed values come with ``owner`` as ``seal_id``."""
    columns: dict[str, Any] = {}
    for name, value in values.items():
        if name == "name":
            columns |= name_columns(value)
        elif sealing := _purposes.get(name):
            columns |= {FIELDS[name].columns[0]: sealing.seal(value, owner) if value else None, "seal_id": owner}
        else:
            columns[name] = value
    return columns
