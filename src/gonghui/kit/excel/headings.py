"""Finds the known columns by their headings, in any order."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from gonghui.kit.errors import Refused
from gonghui.kit.excel.cleaning import clean_text
from gonghui.kit.excel.model import CellKind, Column, letters
from gonghui.kit.normal import normalized

HEADING_ROWS = 5
"""Number of first rows that may contain the headings: officers put a title above them."""
PROBLEMS = "问题"
"""The additional column of a marked workbook."""
_UNASKED = frozenset({"", PROBLEMS, "序号", "no", "no."})
"""Columns that are ignored without a remark."""

_ignored = re.compile(r"[\s*:★☆※●◆■▲✱\u200b-\u200f\ufeff]+")
_bracketed = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_is_hint = re.compile("必填|选填|可选|可不填|文本|格式|一致|数字|位|例|如")
MOST_GUESSED, LONGEST_GUESSED = 20, 20
"""Maximum number of headings, and of characters in a heading."""
_ALIKE = 0.75
"""Minimum of difflib's ratio for two similar headings, if neither contains the other."""


@dataclass(slots=True)
class Found:
    """The row of the headings (0-based), and the 0-based place of each known column."""

    row: int
    places: dict[str, int]
    missing: list[str]
    ignored: list[str]
    doubled: str
    """The refusal if this sheet is chosen: it has a known heading twice."""
    guesses: dict[str, str]
    """By ignored heading, the key of a similar known column."""


def plain(heading: object) -> str:
    """Normalises a heading for comparison: half width, without spaces, stars, colons and hints in brackets (必填)."""
    text = _ignored.sub("", normalized("NFKC", str(heading))).lower()
    return _bracketed.sub(lambda match: "" if _is_hint.search(match[0]) else match[0], text)


def find(rows: Sequence[Sequence[object]], columns: Sequence[Column]) -> Found:
    """Returns the headings of the first row with the most known ones."""
    own = {plain(column.heading): column.key for column in columns}
    keys = {plain(alias): column.key for column in columns for alias in column.aliases} | own
    best = max(range(len(rows)), key=lambda row: sum(plain(value) in keys for value in rows[row]), default=0)
    values = rows[best] if rows else ()
    named = {own[plain(value)] for value in values if plain(value) in own}
    if not named and len({keys[plain(value)] for value in values if plain(value) in keys}) < 2:
        values = ()  # a single alias may also be a cell's value: 「身份证」
    places: dict[str, int] = {}
    ignored, doubled = [], ""
    for place, value in enumerate(values):
        heading = plain(value)
        key = keys.get(heading)
        if key is None or (
            key in named and heading not in own
        ):  # the sheet has the column's own name: the alias is another column
            ignored += [clean_text(str(value), CellKind.TEXT)] if heading not in _UNASKED else []
        elif key in places:
            doubled = (
                f"第 {best + 1} 行的 {letters(places[key])} 列和 {letters(place)} 列都是“{str(value).strip()}”，"
                "分不清以哪一列为准。请删除其中一列后再上传。"
            )
        else:
            places[key] = place
    missing = [column.heading for column in columns if column.required and column.key not in places]
    free = {name: key for name, key in keys.items() if key not in places}
    guesses = {heading: key for heading in ignored[:MOST_GUESSED] if (key := _nearest(plain(heading), free))}
    return Found(best, places, missing, ignored, doubled, guesses)


def _nearest(heading: str, free: Mapping[str, str]) -> str:
    """Returns the key of the most similar free column, or "": one contains the other, or their ratio is high."""
    if not 2 <= len(heading) <= LONGEST_GUESSED:
        return ""
    scored = [
        (SequenceMatcher(None, heading, name).ratio(), name in heading or heading in name, key)
        for name, key in free.items()
        if len(name) >= 2
    ]
    near = [(ratio, key) for ratio, held, key in scored if held or ratio >= _ALIKE]
    return max(near)[1] if near else ""


def choose(candidates: Mapping[str, Found], columns: Sequence[Column], filled: Collection[str]) -> str:
    """Returns the name of the only sheet with all required headings; of several, the only one in `filled`.

    Raises Refused if no sheet or several sheets match.
    """
    complete = [name for name, head in candidates.items() if head.places and not head.missing]
    complete = [name for name in complete if name in filled] or complete[:1]
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
    head = candidates[nearest]
    missing = "、".join(f"“{heading}”" for heading in head.missing)
    named = {column.key: column.heading for column in columns if column.heading in head.missing}
    question = "".join(f"“{heading}”是不是“{named[key]}”？" for heading, key in head.guesses.items() if key in named)
    remedy = f"{question}是的话，请把表头改为模板中的名称" if question else "请按下载的模板补上这些列"
    raise Refused(f"工作表“{nearest}”第 {head.row + 1} 行的表头缺少 {missing}。{remedy}后再上传。")
