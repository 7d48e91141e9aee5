"""Where apps above add to what an app below does. Apps import downwards only: the one below calls, those above register.

Each app declares what it offers in its ``hooks.py`` (the kit beside its tools), and each registers from its ``apps.py``.
docs/architecture.md lists all of them; tests/test_hooks.py compares.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")  # of one function
T = TypeVar("T")  # of the whole
K = TypeVar("K")
V = TypeVar("V")


class Registry(dict[str, V]):
    """Values by key, in the declared order, and of one order by key: never in the order in which apps are loaded."""

    def __init__(self) -> None:
        super().__init__()
        self._order: dict[str, int] = {}

    def register(self, key: str, value: V, *, order: int = 0) -> None:
        """Raises ValueError when there is one of this key."""
        if key in self:
            raise ValueError(f"{key!r} is registered already")
        self._order[key] = order
        entries = sorted([*self.items(), (key, value)], key=lambda entry: (self._order.get(entry[0], 0), entry[0]))
        self.clear()
        self.update(entries)


class Hook(Generic[P, R, T]):
    """One question to all that are registered, asked by a call; ``combine`` makes one answer of theirs."""

    def __init__(self, combine: Callable[[Iterator[R]], T]) -> None:
        self.functions: Registry[Callable[P, R]] = Registry()
        self._combine = combine

    def register(self, function: Callable[P, R], *, order: int) -> None:
        """Under its app and name, like ``cards.end_applications``. Raises ValueError when it is there already."""
        app = function.__module__.removeprefix("gonghui.").split(".")[0]
        self.functions.register(f"{app}.{function.__name__}", function, order=order)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._combine(function(*args, **kwargs) for function in self.functions.values())


def chained(answers: Iterable[Iterable[V]]) -> list[V]:
    """For ``combine``: all that the answers hold."""
    return list(chain.from_iterable(answers))


def merged(answers: Iterable[Mapping[K, V]]) -> dict[K, V]:
    """For ``combine``: one mapping of all; of one key the last."""
    return dict(chain.from_iterable(answer.items() for answer in answers))


def given(answers: Iterable[V | None]) -> list[V]:
    """For ``combine``: the answers of those that have one."""
    return [answer for answer in answers if answer]
