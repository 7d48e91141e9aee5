"""Several people at the same moment, each by a connection of his or her own."""

import threading
from collections.abc import Callable

from django.db import connection

from gonghui.kit.errors import Refused

DONE = "done"
_SECONDS = 60


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What became of each, in the order of ``acts``: DONE, or the sentence of the refusal."""
    start, outcomes = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place: int) -> None:
        start.wait()
        try:
            acts[place]()
            outcomes[place] = DONE
        except Refused as refusal:
            outcomes[place] = refusal.sentence
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_SECONDS)
    assert all(outcomes), "one of them waits without end, or failed without a sentence"
    return outcomes
