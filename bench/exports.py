"""The longest list that leaves: asked for, written by its job, fetched: `python bench/exports.py [--rows N]` (SPEC 5.5).

Takes the street with the most members up to N (100,000, the most of one list), once masked and once with full numbers, as many
as the rules let leave. Beside it stands the time in which openpyxl writes the same cells, which it has in memory. Exits with 1
when a list needs more than MEGABYTES beyond what the platform takes itself.
"""

import os
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import register

MEGABYTES = 512
"""As much as an import's child may take."""


def main() -> int:
    """Fill, ask, write, fetch, print."""
    parser = register.parser(members=20_000)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    with register.opened(options) as filled:
        city = filled.cast.platform_admin
        street, members = _street(options.rows)
        print(f"a list of {members:,} members; load {os.getloadavg()[0]:.1f}")
        return 0 if all([_measured(city, street, members, full=full) for full in (False, True)]) else 1  # noqa: C419


def _street(rows: int) -> tuple[Any, int]:
    """The one with the most members below it, up to ``rows``."""
    from django.db.models import Sum

    found = register.approved_unions().values_list("level3").annotate(people=Sum("member_count")).order_by("-people")
    return found.filter(people__lte=rows).first()


def _measured(by: Any, street: int, members: int, *, full: bool) -> bool:
    from gonghui.exports import actions, building
    from gonghui.exports.models import Export
    from gonghui.kit.errors import Refused
    from gonghui.members.queries import Filters

    wanted = {
        "q": Filters(superior=str(street)).token(by),
        "union": None,
        "ticked": [],
        "full": full,
        "sensitive": False,
    }
    began = time.perf_counter()
    try:
        export = actions.ask("members", wanted, purpose="核对名单", by=by)
    except Refused as refusal:
        print(f"   with full numbers: refused, {refusal.sentence}")
        return full
    asked = time.perf_counter() - began
    if export.second:
        print(f"   with full numbers: waits for a second person after {asked:.2f} s, as it should")
        actions.recall(export, by=by)
        return True
    before, began = _peak(), time.perf_counter()
    building.build(export.pk)
    written, peak = time.perf_counter() - began, _peak() - before
    began = time.perf_counter()
    content = actions.fetch(Export.objects.get(pk=export.pk), by=by).content
    fetched = time.perf_counter() - began
    reference = _by_openpyxl(content)
    print(
        f"   masked: asked in {asked:.2f} s, written in {written:.1f} ({members / written:,.0f} rows a second, "
        f"{reference / written:.2f} of openpyxl's {reference:.1f} s for the cells alone), fetched in {fetched:.2f}; "
        f"{len(content) >> 20} MB, {peak} MB of memory more"
    )
    return peak < MEGABYTES


def _peak() -> int:
    """Megabytes that this process has needed at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _by_openpyxl(content: bytes) -> float:
    """Seconds in which openpyxl writes the same cells."""
    from io import BytesIO

    from openpyxl import Workbook, load_workbook

    rows = list(load_workbook(BytesIO(content), read_only=True).worksheets[0].iter_rows(values_only=True))
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
        book.save(Path(folder) / "list.xlsx")
        return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
