"""Cases that take turns, so that their ratios hold on a busy machine."""

import time
from collections.abc import Callable

Case = Callable[[], object]
WARM = 5


def in_turn(cases: dict[str, Case], rounds: int) -> dict[str, list[float]]:
    """Seconds of every turn of each case; the first WARM turns do not count."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(-WARM, rounds):
        for name, case in cases.items():
            started = time.perf_counter()
            case()
            if turn >= 0:
                taken[name].append(time.perf_counter() - started)
    return taken
