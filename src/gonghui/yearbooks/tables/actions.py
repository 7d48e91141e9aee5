"""The city lays down the table of a year, and opens it: every superior union of that day gets its sheet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.statistics.models import Basis, Figure
from gonghui.unions.models import Union
from gonghui.yearbooks.measures import LABELS, why_no_figures, why_not_open
from gonghui.yearbooks.models import (
    MAX_LABEL,
    MAX_LINES,
    MAX_TITLE,
    MAX_TOLERANCE,
    Line,
    Sheet,
    Yearbook,
    YearbookState,
)
from gonghui.yearbooks.notifications import tell_to_sign
from gonghui.yearbooks.rules import can_define

verbs.register(yearbook__saved="保存年报表", yearbook__opened="开启年报")
verbs.facts("yearbook", lines="行")

MAY_NOT = "只有市总工会的管理员可以制定和开启年报。"


@dataclass(frozen=True)
class Row:
    """A line as it is laid down; ``at_most`` is the place of another among them, from nought."""

    label: str
    measure: str = ""
    at_most: int | None = None
    tolerance: int | None = None


@dataclass(frozen=True)
class Table:
    year: int
    title: str
    rows: Sequence[Row]


def save_table(table: Table, *, yearbook: Yearbook | None = None, version: int = 0, by: User) -> Yearbook:
    """Saves a new table, or a later version of one that is not open.

    Raises Refused: ``by`` may not, something is missing or makes no sense, the year has one, it is open or was changed
    since ``version``.
    """
    with transaction.atomic():
        if yearbook:
            yearbook = _lock(yearbook, version, by)
            yearbook.version += 1
        else:
            require(can_define, by, sentence=MAY_NOT)
            yearbook = Yearbook()
        _require_sound(table)
        yearbook.year, yearbook.title = table.year, " ".join(table.title.split())
        yearbook.saved_by, yearbook.saved_at = by, timezone.now()
        try:
            with transaction.atomic():
                yearbook.save()
        except IntegrityError:
            raise Refused(f"{table.year} 年的年报表已经有了，一年只有一份。请修改那一份。", field="year") from None
        _write_lines(yearbook, table.rows)
        record("yearbook.saved", yearbook, by=by, union=by.union, lines=len(table.rows))
    return yearbook


def _write_lines(yearbook: Yearbook, rows: Sequence[Row]) -> None:
    Line.objects.filter(yearbook=yearbook).delete()
    lines = Line.objects.bulk_create(
        Line(yearbook=yearbook, position=place, label=row.label, measure=row.measure, tolerance=row.tolerance)
        for place, row in enumerate(rows, start=1)
    )
    bounded = []
    for line, row in zip(lines, rows, strict=True):
        if row.at_most is not None:
            line.at_most = lines[row.at_most]
            bounded.append(line)
    Line.objects.bulk_update(bounded, ["at_most"])


def _require_sound(table: Table) -> None:
    if problem := _wrong_year(table.year):
        raise Refused(problem, field="year")
    if not 2 <= len(" ".join(table.title.split())) <= MAX_TITLE:
        raise Refused(f"标题应为 2 至 {MAX_TITLE} 个字。", field="title")
    if not table.rows:
        raise Refused("年报至少要有一行。请填写项目。")
    if len(table.rows) > MAX_LINES:
        raise Refused(f"年报最多 {MAX_LINES} 行，请删去一些。")
    for place, row in enumerate(table.rows):
        if row.label in {other.label for other in table.rows[:place]}:
            raise Refused(f"第 {place + 1} 行“{row.label}”与前面的一行重复。请改成不同的名称。")
        _require_sound_row(row, place, len(table.rows))


def _require_sound_row(row: Row, place: int, count: int) -> None:
    said = f"第 {place + 1} 行"
    if not 1 <= len(row.label) <= MAX_LABEL:
        raise Refused(f"{said}的项目应为 1 至 {MAX_LABEL} 个字。")
    if row.measure and row.measure not in LABELS:
        raise Refused(f"{said}“{row.label}”的取数不在可选范围内，请重新选择。")
    if row.at_most is not None and (row.at_most == place or not 0 <= row.at_most < count):
        raise Refused(f"{said}“{row.label}”不能大于的那一行不存在，或是它自己。请填写另一行的行次。")
    if row.tolerance is not None and not 1 <= row.tolerance <= MAX_TOLERANCE:
        raise Refused(f"{said}“{row.label}”的允许变动应为 1 至 {MAX_TOLERANCE} 的整数，不比较的请留空。")


def _wrong_year(year: int) -> str:
    """A table may be prepared in its year; it is opened when that is over."""
    if year > localdate().year:
        return f"{year} 年还没有到，不能制定它的年报。请填写 {localdate().year} 或更早的年度。"
    return "" if year == localdate().year else why_no_figures(year)


def open_yearbook(yearbook: Yearbook, *, version: int, by: User) -> int:
    """Opens a table: from now on it does not change, and each sheet is to be signed. Returns how many sheets.

    Raises Refused: ``by`` may not, it is open or was changed since ``version``, or its year's figures are not closed.
    """
    with transaction.atomic():
        yearbook = _lock(yearbook, version, by)
        measures = yearbook.lines.exclude(measure="").values_list("measure", flat=True)
        if problem := why_not_open(yearbook.year, measures):
            raise Refused(problem)
        yearbook.state, yearbook.opened_by, yearbook.opened_at = YearbookState.OPEN, by, timezone.now()
        yearbook.save()
        sheets = _make_sheets(yearbook)
        record("yearbook.opened", yearbook, by=by, union=by.union, count=len(sheets))
        with_below = {sheet.above_id for sheet in sheets}
        tell_to_sign([sheet for sheet in sheets if sheet.pk not in with_below], "年报已开启，请填报后签报")
    return len(sheets)


def _lock(yearbook: Yearbook, version: int, by: User) -> Yearbook:
    """Returns the table, locked. Raises Refused: ``by`` may not, it is open, or it was changed."""
    yearbook = Yearbook.objects.select_for_update(no_key=True).get(pk=yearbook.pk)
    require(can_define, by, sentence=MAY_NOT)
    if yearbook.is_open:
        raise Refused(f"《{yearbook}》已由{yearbook.opened_by}开启，不能再修改，也不用再次开启。")
    if version != yearbook.version:
        raise Refused(
            f"您打开页面之后，{yearbook.saved_by}修改了年报表，所以没有办理。请刷新页面，看过现在的内容再办理。"
        )
    return yearbook


def _make_sheets(yearbook: Yearbook) -> list[Sheet]:
    """One for each superior union that was there on the day and is there still, those above first.

    A union stood under what its figures of the day say; who has none, or whose superior is closed, under the present one.
    """
    unions = {union.pk: union for union in Union.objects.superiors().standing().order_by("pk")}
    stood = _stood(yearbook, unions)
    above = {pk: stood[pk] if stood.get(pk) in unions else union.superior_id for pk, union in unions.items()}
    there = {
        pk for pk, one in unions.items() if one.level == 1 or pk in stood or localdate(one.created_at) <= yearbook.day
    }
    there |= {pk for below in there if (pk := above[below])}
    sheets: dict[int | None, Sheet] = {}
    for level in (1, 2, 3):
        of_level = [pk for pk, union in unions.items() if union.level == level and pk in there]
        made = Sheet.objects.bulk_create(
            Sheet(yearbook=yearbook, node=unions[pk], above=sheets.get(above[pk])) for pk in of_level
        )
        sheets |= {sheet.node_id: sheet for sheet in made}
    return [*sheets.values()]


def _stood(yearbook: Yearbook, unions: Iterable[int]) -> dict[int, int | None]:
    """What each of the unions stood under by its figures of the day: of two, where more of its members were."""
    rows = Figure.objects.filter(closing__day=yearbook.day, closing__basis=Basis.THEN, dimension="", node__in=unions)
    return dict(rows.order_by("closing_members").values_list("node", "superior"))
