"""All benches of the register in one run, on one invented city: `make bench [MEMBERS=N] [UNIONS=N]`.

Loads the city once, lets each bench measure there, and prints one table: median and 95th percentile of each case, and its
ratio to the reference of the same turns. `--results FILE` writes the table with day and versions. A goal that is missed on
a busy machine does not fail the run; a bench that does not run does.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import register

FOLDER = Path(__file__).parent
BENCHES: dict[str, list[str]] = {
    "lists": ["--here"],
    "member_list": [],
    "shell": [],
    "figures": [],
    "member_import": ["--rows", "500"],
    "registers": ["--lines", "500", "--rounds", "1"],
    "circulars": ["--to", "500"],
    "transfers": ["--rows", "200"],
    "places": ["--windows", "4", "--attempts", "10"],
    "relocation": [],
    "eligibility": [],
}
"""In this order: the first only look, the last moves everybody. With what each is asked beyond the size."""
APART: dict[str, list[str]] = {"pages": []}
"""Those that are only run when they are named."""
MISSED = 1
"""The exit code of a bench that ran and missed a goal."""


def main() -> int:
    """Fill, run, print; 1 when a bench does not run."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="gonghui-bench-") as folder:
        kept = options.keep or Path(folder) / "var"
        report = Path(folder) / "report.jsonl"
        report.touch()
        sizes = [f"--members={options.members}", f"--unions={options.unions}", f"--keep={kept}"]
        environment = os.environ | {"BENCH_REPORT": str(report), "BENCH_TURNS": str(options.turns)}
        facts = _filled(options, kept)
        broken = []
        for name in options.only or BENCHES:
            began = time.monotonic()
            command = [sys.executable, str(FOLDER / f"{name}.py"), *sizes, *(BENCHES | APART)[name]]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            wrong = done.returncode not in (0, MISSED) or bool(done.stderr.strip())
            print(f"{name}: {'DOES NOT RUN' if wrong else f'{time.monotonic() - began:.0f} s'}", flush=True)
            if wrong:
                broken.append(name)
                print(done.stdout[-2000:], done.stderr[-4000:], sep="\n")
        table = "\n".join(_table([json.loads(line) for line in report.read_text().splitlines()]))
    print(f"\n{facts}\n\n{table}")
    if options.results:
        options.results.write_text(f"# {options.members:,} members\n\n{facts}\n\n{table}\n")
    return int(bool(broken))


def _options() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=2_000, help="of the city (2000)")
    parser.add_argument("--unions", type=int, default=200, help="grassroots unions (200)")
    parser.add_argument("--turns", type=int, default=3, help="of each case at most (3)")
    parser.add_argument("--keep", type=Path, help="a folder that keeps the database, filled when it is new")
    parser.add_argument("--results", type=Path, help="a file that gets the table too")
    parser.add_argument("--only", nargs="+", choices=BENCHES | APART)
    return parser.parse_args()


def _filled(options: Namespace, kept: Path) -> str:
    """Loads the city; says on what all this was measured."""
    began = time.monotonic()
    with register.opened(Namespace(members=options.members, unions=options.unions, keep=kept)):
        from django.db import connection

        from gonghui import __version__

        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            (server,) = cursor.fetchone()
    print(f"a city of {options.members:,} members: {time.monotonic() - began:.0f} s", flush=True)
    return (
        f"{date.today()}, gonghui {__version__}, PostgreSQL {server}, Python {platform.python_version()}, "  # noqa: DTZ011
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; {options.members:,} members in {options.unions:,} "
        f"unions, {options.turns} turns at most."
    )


def _table(lines: list[dict[str, Any]]) -> Iterator[str]:
    yield "| Bench | Case | Median, ms | 95 %, ms | Ratio | to |"
    yield "|---|---|---|---|---|---|"
    for one in lines:
        told = f"{one['median']:.2f} | {one['p95']:.2f} | {one['ratio']:.2f} | {one['reference']}"
        yield f"| {one['bench']} | {one['case']} | {told} |"


if __name__ == "__main__":
    sys.exit(main())
