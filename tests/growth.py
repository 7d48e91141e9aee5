"""Whether something takes time that grows faster than its input: ratios in one run, on whatever machine this is."""

from collections.abc import Callable

STABLE = 0.01
"""Seconds of CPU from which on two times can be compared."""
DOUBLINGS = 3
MOST = 3**DOUBLINGS
"""Times as long that an input doubled three times may take. Linear work takes 8 times as long, quadratic work 64 times."""
LARGEST = 500_000


def is_steep(seconds: Callable[[int], float], size: int = 128) -> bool:
    """Whether ``seconds(size)``, of CPU, more than triples when the size doubles.

    Measured from the size at which the time is STABLE. Noise only adds to a time: one quick answer of three is proof.
    """
    while (once := seconds(size)) < STABLE and size < LARGEST:
        size *= 2
    once = min(once, seconds(size))
    return all(seconds(size << DOUBLINGS) > MOST * max(once, STABLE / 2) for _ in range(3))
