"""The rows of a sheet: computed, typed or summed up while it is open, and as they were signed after that."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.db.models import Q, Sum

from gonghui.accounts.models import User
from gonghui.yearbooks import measures
from gonghui.yearbooks.models import Entry, Line, Sheet, Signature

_UNEXPLAINED = 3
"""So many are named when a signature is refused."""


@dataclass(frozen=True)
class Row:
    """A line with its number, and last year's; both may be unknown. ``wrong``: the rule that it breaks, as a sentence."""

    position: int
    label: str
    asked: bool
    value: int | None
    last: int | None
    tolerance: int | None
    explanation: str = ""
    wrong: str = ""

    @property
    def change(self) -> int | None:
        return None if self.value is None or self.last is None else self.value - self.last

    @property
    def change_said(self) -> str:
        """With its sign."""
        return f"{self.change:+,}" if self.change else "持平"

    @property
    def percent(self) -> str:
        """The change in per cent with a sign and one decimal, towards nought; "" where there is nothing to compare."""
        if self.change is None or not self.last:
            return ""
        tenths = abs(self.change) * 1000 // self.last
        return f"{'-' if self.change < 0 else '+'}{tenths // 10}.{tenths % 10}%" if self.change else ""

    @property
    def stands_out(self) -> bool:
        """Whether it differs from last year by more than the city lets pass without a word."""
        if self.tolerance is None or self.change is None or self.last is None:
            return False
        return abs(self.change) * 100 > self.last * self.tolerance

    @property
    def unexplained(self) -> bool:
        return self.stands_out and not self.explanation


def rows_of(sheet: Sheet) -> list[Row]:
    """As they were signed while the signature holds, else as they stand; in a few statements."""
    signature = holding(sheet)
    return frozen_rows(signature) if signature else live_rows(sheet)


def holding(sheet: Sheet) -> Signature | None:
    return sheet.signatures.filter(ended_at=None).select_related("signed_by").first()


def frozen_rows(signature: Signature) -> list[Row]:
    return [Row(**row) for row in signature.content["rows"]]


def live_rows(sheet: Sheet) -> list[Row]:
    """What would be signed now."""
    yearbook = sheet.yearbook
    lines: Sequence[Line] = list(yearbook.lines.select_related("at_most"))
    now, before = measures.of_node(sheet.node, yearbook.year), measures.of_node(sheet.node, yearbook.year - 1)
    asked, signed = _asked(sheet), _signed_last_year(sheet)
    said = dict(sheet.entries.exclude(explanation="").values_list("line", "explanation"))
    values = {line.pk: asked.get(line.pk) if line.is_asked else now.get(line.measure) for line in lines}
    return [
        Row(
            position=line.position,
            label=line.label,
            asked=line.is_asked,
            value=values[line.pk],
            last=signed.get(line.label) if line.is_asked else before.get(line.measure),
            tolerance=line.tolerance,
            explanation=said.get(line.pk, ""),
            wrong=_wrong(line, values),
        )
        for line in lines
    ]


def _asked(sheet: Sheet) -> Mapping[int, int | None]:
    """What was typed by line: of a sheet with others below it, the sum of theirs."""
    if not sheet.below.exists():
        return dict(sheet.entries.values_list("line", "value"))
    typed = Entry.objects.filter(Q(sheet__above=sheet) | Q(sheet__above__above=sheet), value__isnull=False)
    return dict(typed.order_by().values_list("line").annotate(Sum("value")))


def _signed_last_year(sheet: Sheet) -> Mapping[str, int | None]:
    """The numbers that the same union has signed for the year before, by what the lines are called."""
    last = Signature.objects.filter(
        sheet__yearbook__year=sheet.yearbook.year - 1, sheet__node=sheet.node_id, ended_at=None
    ).first()
    return {row.label: row.value for row in frozen_rows(last)} if last else {}


def _wrong(line: Line, values: Mapping[int, int | None]) -> str:
    value, bound = values[line.pk], values.get(line.at_most_id or 0)
    if line.at_most is None or value is None or bound is None or value <= bound:
        return ""
    return f"{line}（{value:,}）不能大于{line.at_most}（{bound:,}）"


def problems(rows: Iterable[Row]) -> Iterator[str]:
    """Why the rows cannot be signed: a sentence for each rule that is broken, with the numbers and the way out."""
    rows = list(rows)
    if missing := [row.label for row in rows if row.value is None]:
        yield f"还没有填写：{'、'.join(missing)}。请填写以后再签报，没有的填 0。"
    if wrong := [row.wrong for row in rows if row.wrong]:
        yield f"{'；'.join(wrong)}。请核对后改正。"
    unexplained = [row for row in rows if row.unexplained]
    if unexplained:
        named = "；".join(f"“{row.label}”上年 {row.last:,}，本年 {row.value:,}" for row in unexplained[:_UNEXPLAINED])
        more = f"等 {len(unexplained)} 项" if len(unexplained) > _UNEXPLAINED else ""
        yield f"与上年相比变动较大，还没有说明：{named}{more}。请写明原因。"


def content_of(sheet: Sheet, rows: Iterable[Row], by: User) -> dict[str, Any]:
    """What is signed, with the names as they are at that moment."""
    yearbook, node = sheet.yearbook, sheet.node
    told = {"year": yearbook.year, "title": yearbook.title, "node": node.name, "code": node.code or "", "by": str(by)}
    return {**told, "rows": [asdict(row) for row in rows]}


def digest(content: Mapping[str, Any], at: datetime) -> bytes:
    """Of what was signed, and when."""
    said = json.dumps([content, at.astimezone(UTC).isoformat()], ensure_ascii=False, sort_keys=True)
    return sha256(said.encode()).digest()
