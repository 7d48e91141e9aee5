"""Member imports against raw COPY, in one run: `python bench/member_import.py [--members N] [--rows R ...]` (goal F3).

A database of its own gets N members and a copy of their table with the same indexes and foreign keys. Each round then
imports a workbook of R new people the way the platform does (check as at the upload; commit as the job does, from the
sealed file to the last commit: read, checked again, sealed, staged, moved, counted, recorded) and copies the very same
finished rows into the copied table by one binary COPY. The two take turns and the medians are compared, so the ratios
hold on a busy machine. The foreign keys, which are looked at last, are timed apart: the goal is without them.
`--keep FOLDER` keeps the database for the next run.
"""

import resource
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import register
import xlsxwriter

ROUNDS = 3
GOAL = 3
STAGES = ("check", "stage", "commit")
"""What an `ImportKind` does in a job, timed apart."""


def main() -> None:
    """Make the database, fill it, measure, print."""
    parser = register.parser(members=200_000)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000], help="rows of the workbooks")
    options = parser.parse_args()
    with register.opened(options) as filled:
        _measure(filled, options.members, options.rows)


def _measure(filled: register.Register, members: int, sizes: list[int]) -> None:
    from gonghui.imports.hooks import KINDS

    KINDS["members"] = replace(KINDS["members"], max_rows=max(sizes))
    with psycopg.connect(filled.owner_url, autocommit=True) as owner:
        owner.execute("SET maintenance_work_mem = '1GB'")
        _copy_table(owner)
        print(f"{members:,} members beforehand; medians of {ROUNDS} rounds; {_peak():.0f} MB before the first")
        seeds = iter(range(_used(owner), 10**9))
        for size in sizes:
            _compare(owner, filled.cast, filled.folder, size, seeds)


def _used(owner: psycopg.Connection) -> int:
    """The seed from which on people are new to a database that was kept."""
    found = owner.execute("SELECT coalesce(sum(rows_done), 0) FROM imports_batch").fetchone()
    return register.STRANGERS + (int(found[0]) if found else 0)


def _copy_table(owner: psycopg.Connection) -> None:
    """The members' table once more, with the same indexes and constraints."""
    if owner.execute("SELECT to_regclass('bench_copy')").fetchone() != (None,):
        return
    owner.execute("CREATE TABLE bench_copy (LIKE members_member INCLUDING ALL)")
    with register.bare(owner, "bench_copy"):
        owner.execute("INSERT INTO bench_copy OVERRIDING SYSTEM VALUE SELECT * FROM members_member")
    for name, definition in register.constraints(owner, "members_member", "f"):
        owner.execute(f'ALTER TABLE bench_copy ADD CONSTRAINT "bench_{name}" {definition}')
    owner.execute("VACUUM ANALYZE bench_copy")


def _compare(owner: psycopg.Connection, cast: Any, folder: Path, size: int, seeds: Iterator[int]) -> None:
    from django.core.files.base import ContentFile

    from gonghui.imports import actions, job
    from gonghui.imports.hooks import KINDS
    from gonghui.imports.models import ImportState

    times: dict[str, list[float]] = defaultdict(list)
    kind = KINDS["members"]
    for _ in range(ROUNDS):
        path = folder / "members.xlsx"
        _write(path, size, seeds)
        file = ContentFile(path.read_bytes(), name="members.xlsx")
        took, batch = _timed(lambda: actions.upload_workbook(cast.union, kind, file, by=cast.officer))  # noqa: B023
        times["upload"].append(took)
        KINDS["members"] = replace(kind, **{name: _timing(getattr(kind, name), times[name]) for name in STAGES})
        times["job"].append(_timed(lambda: job.run_batch(batch.pk))[0])  # noqa: B023
        KINDS["members"] = kind
        batch.refresh_from_db()
        if batch.state != ImportState.DONE:
            raise SystemExit(f"the import failed: {batch.message}")
        for name, seconds in zip(("copy", "keys"), _copy(owner, batch.pk), strict=True):
            times[name].append(seconds)
    _print(size, {name: statistics.median(taken) for name, taken in times.items()})


def _print(size: int, took: dict[str, float]) -> None:
    copy, job = took["copy"], took["job"]
    parts = {name: took[name] for name in STAGES}
    parts["read, record and commit"] = job - sum(parts.values())
    print(
        f"{size:7,} rows: raw COPY {copy:.3f} s (= 1), its foreign keys {took['keys']:.3f} s more; "
        f"check at the upload {took['upload']:.3f} s ({took['upload'] / copy:.2f}); "
        f"file to commit {job:.3f} s ({job / copy:.2f}, goal {GOAL}; {job / (copy + took['keys']):.2f} with its keys)"
    )
    told = ", ".join(f"{name} {seconds:.3f}" for name, seconds in parts.items())
    print(f"        of it {told} s; peak {_peak():.0f} MB")


def _timing(act: Callable[..., Any], taken: list[float]) -> Callable[..., Any]:
    def timed(*arguments: Any) -> Any:
        took, result = _timed(lambda: act(*arguments))
        taken.append(took)
        return result

    return timed


def _peak() -> float:
    """Megabytes that this process has needed at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _write(path: Path, size: int, seeds: Iterator[int]) -> None:
    from tests.workbooks import HEADINGS, member_row

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        for row in range(1, size + 1):
            sheet.write_row(row, 0, member_row(next(seeds)))


def _copy(owner: psycopg.Connection, batch: int) -> tuple[float, float]:
    """The rows of a batch as they stand in the register, into the copied table, in one transaction: the seconds of
    the COPY with its commit, and of looking at the foreign keys."""
    out = f"COPY (SELECT * FROM members_member WHERE batch_id = {batch} ORDER BY id) TO STDOUT (FORMAT BINARY)"  # noqa: S608 (a number)
    with owner.cursor() as cursor:
        with cursor.copy(out) as source:
            data = b"".join(source)

        def load() -> None:
            with cursor.copy("COPY bench_copy FROM STDIN (FORMAT BINARY)") as target:
                target.write(data)

        cursor.execute("BEGIN")
        loading = _timed(load)[0]
        keys = _timed(lambda: cursor.execute("SET CONSTRAINTS ALL IMMEDIATE"))[0]
        return loading + _timed(lambda: cursor.execute("COMMIT"))[0], keys


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = act()
    return time.perf_counter() - started, result


if __name__ == "__main__":
    main()
