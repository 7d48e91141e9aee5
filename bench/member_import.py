"""Member imports against raw COPY, in one run: `python bench/member_import.py [--members N] [--rows R ...]` (goal F3).

A database of its own gets N members and a copy of their table with the same indexes. Each round then imports a
workbook of R new people the way the platform does (check as at the upload; commit as the job does, from the sealed
file to the last commit: read, checked again, sealed, staged, moved, counted, recorded) and copies the very same
finished rows into the copied table by one binary COPY. The two take turns and the medians are compared, so the ratios
hold on a busy machine.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import xlsxwriter

ROOT = Path(__file__).parents[1]
ROUNDS = 3

FILL = """
INSERT INTO {table} (number, union_id, name, pinyin, document_type, document_sealed, document_hash, sex, born_on,
    address_sealed, mobile_sealed, position, education, household, skill_level, unit_code, has_card, status, created_at)
SELECT (9000000000 + n)::text, %(union)s,
    substr('王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗', 1 + n %% 20, 1)
        || substr('伟强磊军勇杰涛明超辉刚平建国志华文斌宇浩', 1 + (n / 20) %% 20, 1)
        || substr('芳娜敏静丽艳娟霞秀英玲桂兰萍红梅琳雪颖佳', 1 + (n / 400) %% 20, 1),
    'wang2', 'resident_id', decode(repeat('5a', 60), 'hex'), sha256(int8send(n)), 'male', '1990-01-01',
    decode(repeat('5a', 80), 'hex'), decode(repeat('5a', 53), 'hex'), 'member', 'bachelor', 'urban', 'junior', '',
    false, 'normal', now()
FROM generate_series(1, %(count)s) AS n
"""


def main() -> None:
    """Make the database, fill it, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, default=200_000, help="people in the table beforehand")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000], help="rows of the workbooks")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gonghui-bench-") as folder:
        server = _install(Path(folder))
        try:
            _measure(server.owner_url, Path(folder), options.members, options.rows)
        finally:
            server.stop()


def _install(var: Path) -> Any:
    os.environ |= {
        "GONGHUI_VAR": str(var),
        "GONGHUI_DEMO": "1",
        "GONGHUI_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "gonghui.config.settings",
    }
    os.environ.pop("DATABASE_URL", None)
    subprocess.run([sys.executable, "-m", "gonghui.config.cli", "migrate"], check=True, capture_output=True)
    from gonghui.config import database
    from gonghui.config.environment import read

    server = database.ensure(read())
    import django

    django.setup()
    return server


def _measure(owner_url: str, folder: Path, members: int, sizes: list[int]) -> None:
    sys.path.insert(0, str(ROOT))
    from gonghui.imports.kinds import KINDS
    from tests.people import make_cast

    KINDS["members"] = replace(KINDS["members"], max_rows=max(sizes))
    cast = make_cast()
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(FILL.format(table="members_member"), {"union": cast.far.pk, "count": members})
        owner.execute("CREATE TABLE bench_copy (LIKE members_member INCLUDING ALL)")
        owner.execute("INSERT INTO bench_copy OVERRIDING SYSTEM VALUE SELECT * FROM members_member")
        for table in ("members_member", "bench_copy"):
            owner.execute(f"VACUUM ANALYZE {table}")
        print(f"{members:,} members beforehand; medians of {ROUNDS} rounds; {_peak():.0f} MB before the first")
        seeds = iter(range(10**9))
        for size in sizes:
            _compare(owner, cast, folder, size, seeds)


def _compare(owner: psycopg.Connection, cast: Any, folder: Path, size: int, seeds: Iterator[int]) -> None:
    from django.core.files.base import ContentFile

    from gonghui.imports import actions
    from gonghui.imports.kinds import KINDS
    from gonghui.imports.models import State

    times: dict[str, list[float]] = {"check": [], "commit": [], "copy": []}
    for _ in range(ROUNDS):
        path = folder / "members.xlsx"
        _write(path, size, seeds)
        file = ContentFile(path.read_bytes(), name="members.xlsx")
        took, batch = _timed(lambda: actions.upload_workbook(cast.union, KINDS["members"], file, by=cast.officer))  # noqa: B023
        times["check"].append(took)
        times["commit"].append(_timed(lambda: actions.run_batch(batch.pk))[0])  # noqa: B023
        batch.refresh_from_db()
        if batch.state != State.DONE:
            raise SystemExit(f"the import failed: {batch.message}")
        times["copy"].append(_copy(owner, batch.pk))
    check, commit, copy = (statistics.median(times[name]) for name in times)
    print(
        f"{size:7,} rows: raw COPY {copy:.3f} s (= 1), check {check:.3f} s ({check / copy:.2f}), "
        f"file to commit {commit:.3f} s ({commit / copy:.2f}, goal 3); peak {_peak():.0f} MB"
    )


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


def _copy(owner: psycopg.Connection, batch: int) -> float:
    """The rows of a batch as they stand in the register, into the copied table, in one transaction."""
    with owner.cursor() as cursor:
        out = f"COPY (SELECT * FROM members_member WHERE batch_id = {batch} ORDER BY id) TO STDOUT (FORMAT BINARY)"  # noqa: S608 (a number)
        with cursor.copy(out) as source:
            data = b"".join(source)

        def load() -> None:
            with cursor.copy("COPY bench_copy FROM STDIN (FORMAT BINARY)") as target:
                target.write(data)

        return _timed(load)[0]


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = act()
    return time.perf_counter() - started, result


if __name__ == "__main__":
    main()
