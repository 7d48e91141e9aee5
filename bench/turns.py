"""Cases that take turns, so that their ratios hold on a busy machine; what they took goes into the report of `run.py`."""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Case = Callable[[], object]
Clock = Callable[[], float]
WARM = 5


def few(turns: int) -> int:
    """So many turns, or fewer where `run.py` says so."""
    return min(turns, int(os.environ.get("BENCH_TURNS", turns)))


def in_turn(
    cases: dict[str, Case], turns: int, *, about: str = "", clock: Clock = time.perf_counter
) -> dict[str, list[float]]:
    """Seconds of every turn of each case; the first WARM turns do not count. The first case is the others' reference."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(-few(WARM), few(turns)):
        for name, case in cases.items():
            started = clock()
            case()
            if turn >= 0:
                taken[name].append(clock() - started)
    report(taken, about=about)
    return taken


def report(taken: Mapping[str, Sequence[float]], about: str = "") -> None:
    """Adds cases to the report, in units of the first; nothing where there is none."""
    if not (path := os.environ.get("BENCH_REPORT")):
        return
    reference, unit = next((name, statistics.median(times)) for name, times in taken.items())
    with Path(path).open("a") as file:
        for name, times in taken.items():
            line = {
                "bench": Path(sys.argv[0]).stem,
                "case": f"{about}: {name}" if about else name,
                "reference": reference,
                "median": statistics.median(times) * 1000,
                "p95": p95(times) * 1000,
                "ratio": statistics.median(times) / unit if unit else 0,
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
