"""Parsing of a year's table: its lines, and some empty ones below them."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField
from django.utils.timezone import localdate

from gonghui.yearbooks.measures import CHOICES, LABELS
from gonghui.yearbooks.models import MAX_LABEL, MAX_LINES, MAX_TITLE, MAX_TOLERANCE, Yearbook
from gonghui.yearbooks.tables.actions import Row, Table

SPARE = 3
"""Empty lines below the others; so many come with each 「再加几行」, too."""
PARTS = ("place", "label", "measure", "at_most", "tolerance")

PROPOSED = (
    Row("基层工会", "unions", tolerance=20),
    Row("职工", "staff", tolerance=20),
    Row("会员", "closing_members", tolerance=20),
    Row("女会员", "women", at_most=2, tolerance=20),
    Row("农民工会员", "migrants", at_most=2),
    Row("新就业形态会员", "new_employment", at_most=2),
    Row("保留会籍", "retained", at_most=2),
    Row("已办卡会员", "cards", at_most=2),
    Row("专职工会工作者"),
    Row("困难职工", tolerance=20),
    Row("困难女职工", at_most=9),
)
"""Where there is no table of another year."""


class TableForm(forms.Form):
    """The year, the title, and the lines by their number in the form: ``place_1``, ``label_1``, …"""

    year = forms.IntegerField(
        label="年度", min_value=2000, max_value=2100, help_text="年报的数截至这一年的 12 月 31 日。"
    )
    title = forms.CharField(label="标题", max_length=MAX_TITLE)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, yearbook: Yearbook | None = None) -> None:
        rows = _rows(yearbook)
        count = len(rows) + SPARE if data is None else _sent(data)
        super().__init__(data, initial=_initial(yearbook, rows))
        self.count = min(count, MAX_LINES + SPARE)
        for number in range(1, self.count + 1):
            self._add(number)

    def _add(self, number: int) -> None:
        said = f"第 {number} 行的"
        place = forms.DecimalField(
            label=f"{said}行次", required=False, min_value=0, max_value=999, max_digits=5, decimal_places=1,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            error_messages={"invalid": "请填写数字，例如 3 或 3.5。"},
        )  # fmt: skip
        label = forms.CharField(label=f"{said}项目", required=False, max_length=MAX_LABEL)
        measure = forms.ChoiceField(label=f"{said}取数", required=False, choices=CHOICES)
        at_most = forms.DecimalField(
            label=f"{said}不大于第几行", required=False, max_digits=5, decimal_places=1,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            error_messages={"invalid": "请填写另一行的行次，例如 3。"},
        )  # fmt: skip
        tolerance = forms.IntegerField(
            label=f"{said}允许变动（%）", required=False, min_value=1, max_value=MAX_TOLERANCE,
            widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        )  # fmt: skip
        for part, field in zip(PARTS, (place, label, measure, at_most, tolerance), strict=True):
            self.fields[f"{part}_{number}"] = field

    @property
    def rows(self) -> Iterator[dict[str, BoundField]]:
        """The fields of each line."""
        for number in range(1, self.count + 1):
            yield {part: self[f"{part}_{number}"] for part in PARTS}

    def clean(self) -> dict[str, Any]:
        """``table``: the filled lines in the order of their places, those without one at the end."""
        values = self.cleaned_data
        lines = [line for number in range(1, self.count + 1) if (line := _line(values, number))]
        lines.sort(key=lambda line: (line.place is None, line.place or 0))
        places: dict[Decimal, int] = {}
        for position, line in enumerate(lines):
            if line.place is None:
                continue
            if line.place in places:
                self.add_error(f"place_{line.number}", f"行次 {line.place} 重复了，请改成不同的数。")
            places[line.place] = position
        for line in lines:
            if line.at_most is not None and line.at_most not in places:
                self.add_error(f"at_most_{line.number}", f"没有行次是 {line.at_most} 的行。请填写另一行的行次。")
        if not self.errors:
            found = [
                Row(line.label, line.measure, None if line.at_most is None else places[line.at_most], line.tolerance)
                for line in lines
            ]
            values["table"] = Table(values["year"], values["title"], found)
        return values


class _Line(NamedTuple):
    number: int
    place: Decimal | None
    label: str
    measure: str
    at_most: Decimal | None
    tolerance: int | None


def _line(values: dict[str, Any], number: int) -> _Line | None:
    """A line that says anything; what is computed is called as its measure, if nothing else is said."""
    place, label, measure, at_most, tolerance = (values.get(f"{part}_{number}") for part in PARTS)
    source = str(measure or "")
    label = " ".join((label or "").split()) or LABELS.get(source, "")
    return _Line(number, place, label, source, at_most, tolerance) if label else None


def _sent(data: Any) -> int:
    """How many lines the form had, and some more where they are asked for."""
    sent = 0
    while sent < MAX_LINES and f"label_{sent + 1}" in data:
        sent += 1
    return sent + SPARE if "more" in data else max(sent, SPARE)


def _rows(yearbook: Yearbook | None) -> Sequence[Row]:
    """Those of the table, of the newest one for a new table, or what is proposed."""
    source = yearbook or Yearbook.objects.order_by("-year").first()
    if source is None:
        return PROPOSED
    lines = list(source.lines.all())
    places = {line.pk: place for place, line in enumerate(lines)}
    return [Row(one.label, one.measure, places.get(one.at_most_id), one.tolerance) for one in lines]


def _initial(yearbook: Yearbook | None, rows: Sequence[Row]) -> dict[str, Any]:
    year = yearbook.year if yearbook else localdate().year - 1
    title = yearbook.title if yearbook else f"{year} 年工会统计年报"
    values: dict[str, Any] = {"year": year, "title": title, "version": yearbook.version if yearbook else 0}
    for number, row in enumerate(rows, start=1):
        at_most = None if row.at_most is None else row.at_most + 1
        for part, value in zip(PARTS, (number, row.label, row.measure, at_most, row.tolerance), strict=True):
            values[f"{part}_{number}"] = value
    return values
