"""Finding the wanted columns by their headings, wherever they stand."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gonghui.kit.errors import Refused
from gonghui.kit.excel.model import Column, letters
from gonghui.kit.normal import normalized

HEADING_ROWS = 5
"""Headings may stand in any of the first rows: officers put a title above them."""
PROBLEMS = "问题"
"""The column that a marked workbook has beside the template's own; nobody need be told that it is not read."""

_ignored = re.compile(r"[\s*:\u200b-\u200f\ufeff]+|\((?:必填|选填|可选)项?\)")


@dataclass(slots=True)
class Found:
    """The row that holds the headings (0-based) and the 0-based place of each wanted column in it."""

    row: int
    places: dict[str, int]
    missing: list[str]
    ignored: list[str]
    doubled: str
    """The refusal to give if this sheet is the one: a wanted heading stands twice."""


def plain(heading: object) -> str:
    """A heading as it is compared: without spaces, stars, colons and (必填), full-width forms in half width."""
    return _ignored.sub("", normalized("NFKC", str(heading))).lower()


def find(rows: Sequence[Sequence[object]], columns: Sequence[Column]) -> Found:
    """The headings in the first of the rows that has the most wanted ones."""
    keys = {plain(heading): column.key for column in columns for heading in (column.heading, *column.aliases)}
    best = max(range(len(rows)), key=lambda row: sum(plain(value) in keys for value in rows[row]), default=0)
    places: dict[str, int] = {}
    ignored, doubled = [], ""
    for place, value in enumerate(rows[best] if rows else ()):
        key = keys.get(plain(value))
        if key is None:
            ignored += [str(value).strip()] if plain(value) not in ("", PROBLEMS) else []
        elif key in places:
            doubled = (
                f"第 {best + 1} 行的 {letters(places[key])} 列和 {letters(place)} 列都是“{str(value).strip()}”，"
                "分不清以哪一列为准。请删除其中一列后再上传。"
            )
        else:
            places[key] = place
    missing = [column.heading for column in columns if column.required and column.key not in places]
    return Found(best, places, missing, ignored, doubled)


def choose(candidates: Mapping[str, Found], columns: Sequence[Column]) -> str:
    """The one sheet that has all required headings once, by name. Raises Refused if none or several have them."""
    complete = [name for name, found in candidates.items() if found.places and not found.missing]
    if len(complete) == 1:
        if candidates[complete[0]].doubled:
            raise Refused(candidates[complete[0]].doubled)
        return complete[0]
    if complete:
        names = "、".join(f"“{name}”" for name in complete)
        raise Refused(f"工作表 {names} 都有要导入的表头，分不清以哪一张为准。请只保留一张后再上传。")
    nearest = max(candidates, key=lambda name: len(candidates[name].places), default="")
    if not nearest or not candidates[nearest].places:
        wanted = "、".join(column.heading for column in columns if column.required)
        raise Refused(f"前 {HEADING_ROWS} 行里没有找到表头。请使用下载的模板，表头应包括：{wanted}。")
    found = candidates[nearest]
    missing = "、".join(f"“{heading}”" for heading in found.missing)
    raise Refused(f"工作表“{nearest}”第 {found.row + 1} 行的表头缺少 {missing}。请按下载的模板补上这些列后再上传。")
