"""Loads of both registers against raw COPY, in one run: `python bench/registers.py [--lines N ...] [--rounds R]`.

Each round loads a CSV file of new lines by the command, in a process of its own (checked, confirmed, loaded), then the
same file again, which changes nothing; then the very rows that were written are copied into a table with the same indexes
and foreign keys by one binary COPY. They take turns, so that the ratios hold on a busy machine. Peak memory is the
command's own: it must not grow with the lines. `--keep FOLDER` keeps the database for the next run.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import register


class Kind(NamedTuple):
    """A register: its table, and a line of its file."""

    name: str
    table: str
    headings: str
    line: Callable[[int], str]


def kinds() -> list[Kind]:
    from gonghui.kit.invent import invent_employer_name, invent_person, invent_uscc

    def employer(seed: int) -> str:
        return f"{invent_employer_name(seed)},{invent_uscc(seed)},私营企业,制造业,示例路{seed}号,{seed % 900 + 1}\n"

    def person(seed: int) -> str:
        one = invent_person(seed)
        return f"{one.name},{one.resident_id},{one.mobile},{one.address},大学本科,{invent_uscc(seed // 50)}\n"

    return [
        Kind("employers", "unions_registeredemployer", "单位名称,代码,经济类型,行业,地址,职工人数\n", employer),
        Kind("members", "members_member", "姓名,证件号码,手机,联系地址,学历,组织机构代码\n", person),
    ]


def main() -> None:
    """Make the database, fill it, measure, print."""
    parser = register.parser(members=20_000)
    parser.add_argument("--lines", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("employers", "members"))
    options = parser.parse_args()
    with register.opened(options) as filled, psycopg.connect(filled.owner_url, autocommit=True) as owner:
        from gonghui.config import database
        from gonghui.config.environment import read

        database.ensure(read())
        for kind in kinds():
            if options.only in (None, kind.name):
                _measure(owner, filled.folder, kind, options)


def _measure(owner: psycopg.Connection, folder: Path, kind: Kind, options: Any) -> None:
    _copy_table(owner, kind)
    seeds = count(_used(owner))
    for lines in options.lines:
        rounds = [_round(owner, folder, kind, lines, seeds) for _ in range(options.rounds)]
        load, again, copy, peak = (statistics.median(taken) for taken in zip(*rounds, strict=True))
        ratios = sorted(one[0] / one[2] for one in rounds)
        print(
            f"{kind.name} {lines:9,} lines: raw COPY {copy:.2f} s (= 1), loaded {load:.2f} s "
            f"({load / copy:.1f}; each round {', '.join(f'{ratio:.1f}' for ratio in ratios)}), "
            f"{lines / load:,.0f} lines/s; the same file again {again:.2f} s; peak {peak:.0f} MB",
            flush=True,
        )


def _used(owner: psycopg.Connection) -> int:
    """The seed from which on lines are new to a database that was kept."""
    found = owner.execute("SELECT coalesce(sum(added), 0) FROM registers_load").fetchone()
    return register.STRANGERS + 20_000_000 + (int(found[0]) if found else 0)


def _round(
    owner: psycopg.Connection, folder: Path, kind: Kind, lines: int, seeds: Iterator[int]
) -> tuple[float, float, float, float]:
    path = folder / f"{kind.name}.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(kind.headings)
        file.writelines(kind.line(next(seeds)) for _ in range(lines))
    before = owner.execute(f"SELECT coalesce(max(id), 0) FROM {kind.table}").fetchone()  # noqa: S608
    load, peak, said = _command(owner, kind, path)
    if f"新增 {lines:,}" not in said:
        raise SystemExit(said)
    again, _, said = _command(owner, kind, path)
    if "没有变化" not in said:
        raise SystemExit(said)
    return load, again, _copy(owner, kind, before[0] if before else 0), peak


def _command(owner: psycopg.Connection, kind: Kind, path: Path) -> tuple[float, float, str]:
    """Seconds from the first piece to the end, without the start of the process; its peak megabytes; its words."""
    arguments = [sys.executable, "-m", "gonghui.config.cli", "manage", "load_register", kind.name, str(path)]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "gonghui.config.settings"}
    process = subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _megabytes(process.pid))
        time.sleep(0.1)
    said = process.stdout.read() if process.stdout else ""
    took = owner.execute(
        "SELECT extract(epoch FROM ended_at - created_at)::float FROM registers_load ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return took[0] if took else 0.0, peak, said


def _megabytes(pid: int) -> float:
    """Its peak until now; `ru_maxrss` would count this script's own, from before the command took its place."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # it has ended
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _copy_table(owner: psycopg.Connection, kind: Kind) -> None:
    """The register's table once more, with the same indexes and constraints."""
    table = f"bench_{kind.name}"
    if owner.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,):
        return
    owner.execute(f"CREATE TABLE {table} (LIKE {kind.table} INCLUDING ALL)")
    columns = _columns(owner, kind)
    owner.execute(f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {kind.table}")  # noqa: S608
    for name, definition in register.constraints(owner, kind.table, "f"):
        owner.execute(f'ALTER TABLE {table} ADD CONSTRAINT "bench_{name}" {definition}')
    owner.execute(f"VACUUM ANALYZE {table}")


def _columns(owner: psycopg.Connection, kind: Kind) -> str:
    """All but those that the database makes of the others."""
    rows = owner.execute(
        "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        [kind.table],
    )
    return ", ".join(name for (name,) in rows)


def _copy(owner: psycopg.Connection, kind: Kind, before: int) -> float:
    """Seconds of one COPY of the rows that the load has written."""
    columns = _columns(owner, kind)
    out = f"COPY (SELECT {columns} FROM {kind.table} WHERE id > {before} ORDER BY id) TO STDOUT (FORMAT BINARY)"  # noqa: S608
    with owner.cursor() as cursor:
        with cursor.copy(out) as source:
            data = b"".join(source)
        started = time.perf_counter()
        with cursor.copy(f"COPY bench_{kind.name} ({columns}) FROM STDIN (FORMAT BINARY)") as target:
            for start in range(0, len(data), 1 << 20):
                target.write(data[start : start + (1 << 20)])
        return time.perf_counter() - started


if __name__ == "__main__":
    main()
