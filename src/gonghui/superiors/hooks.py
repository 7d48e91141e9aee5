"""What apps above tell of a superior union, and do when it closes (list: docs/architecture.md)."""

from collections.abc import Callable, Collection, Iterable

from gonghui.kit.hooks import Hook, Registry, chained
from gonghui.unions.models import Union

FIGURES: Registry[Callable[[Union], int]] = Registry()
"""By its label: how much of something is at the union or below it, shown before it is moved or closed."""

unfinished = Hook[[Union, Union | None], Iterable[str], list[str]](chained)
"""Returns what must end before the union closes, each as a sentence without its full stop. The second union takes over
what is below; without one nothing may wait.
"""

on_handed_on = Hook[[Union, Union, Collection[int] | None], None, list[None]](list)
"""Moves what waits for the first union to the second, in the transaction: of these unions, which have just been handed on
(ids), or at last all that is left (None).
"""
