"""How apps above extend an app below. Apps import downwards only: the lower app calls, the higher ones register.

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
    """Values by key, sorted by declared order and then by key, independently of the order in which apps are loaded."""

    def __init__(self) -> None:
        super().__init__()
        self._order: dict[str, int] = {}

    def register(self, key: str, value: V, *, order: int = 0) -> None:
        """Registers a value. Raises ValueError if the key exists."""
        if key in self:
            raise ValueError(f"{key!r} is registered already")
        self._order[key] = order
        entries = sorted([*self.items(), (key, value)], key=lambda entry: (self._order.get(entry[0], 0), entry[0]))
        self.clear()
        self.update(entries)


class Hook(Generic[P, R, T]):
    """Calls every registered function with the same arguments; ``combine`` merges their results."""

    def __init__(self, combine: Callable[[Iterator[R]], T]) -> None:
        self.functions: Registry[Callable[P, R]] = Registry()
        self._combine = combine

    def register(self, function: Callable[P, R], *, order: int) -> None:
        """Registers under app and name, like ``cards.end_applications``. Raises ValueError if it is registered."""
        app = function.__module__.removeprefix("gonghui.").split(".")[0]
        self.functions.register(f"{app}.{function.__name__}", function, order=order)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._combine(function(*args, **kwargs) for function in self.functions.values())


def chained(answers: Iterable[Iterable[V]]) -> list[V]:
    """For ``combine``: all items of all answers."""
    return list(chain.from_iterable(answers))


def merged(answers: Iterable[Mapping[K, V]]) -> dict[K, V]:
    """For ``combine``: one mapping of all; the last value of a key wins."""
    return dict(chain.from_iterable(answer.items() for answer in answers))


def given(answers: Iterable[V | None]) -> list[V]:
    """For ``combine``: the answers that are not empty."""
    return [answer for answer in answers if answer]
