"""A member's values as columns: sealed where they are stored sealed."""

from collections.abc import Mapping
from typing import Any

from gonghui.kit import crypto
from gonghui.kit.names import pinyin_key


def columns_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of these values (keys of ``values.FIELDS``)."""
    columns: dict[str, Any] = {}
    for field, value in values.items():
        match field:
            case "document_number":
                columns["document_sealed"] = crypto.seal(value)
            case "mobile" | "address":
                columns[f"{field}_sealed"] = crypto.seal(value) if value else None
            case "name":
                columns |= {"name": value, "pinyin": pinyin_key(value)}
            case _:
                columns[field] = value
    return columns
