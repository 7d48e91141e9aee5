"""The card makers' file formats, one file each. ``maker_of(key)`` returns the format of an order."""

from gonghui.cards.makers.base import BadFile, Head, Maker, Outcome, Record
from gonghui.cards.makers.fixed_columns import FixedColumns

MAKERS: dict[str, Maker] = {maker.key: maker for maker in (FixedColumns(),)}

__all__ = ["MAKERS", "BadFile", "Head", "Maker", "Outcome", "Record", "maker_of"]


def maker_of(key: str) -> Maker:
    return MAKERS[key]
