"""Reads of the code lists, from the process's memory: a page pays no statement for its labels.

What a process remembers is a few seconds old at most; whoever writes forgets it at once. Whether a value may be chosen is
decided by the day, so that this age matters to no retirement that was told before.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from time import monotonic
from typing import Any, overload

from django.db.models import TextChoices
from django.utils.timezone import localdate

from gonghui.codelists.hooks import LISTS, CodeList
from gonghui.codelists.models import Code, CodeState, state_on
from gonghui.kit.errors import Refused
from gonghui.kit.normal import plain

Choices = type[TextChoices]
SECONDS = 5.0
"""So long is remembered what another process may have changed."""


@dataclass(frozen=True)
class Known:
    """One value; ``successor`` is the value that replaces it, if one is named."""

    value: str
    label: str
    former: Sequence[str] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    successor: str | None = None

    def is_open(self, day: date) -> bool:
        """Whether it may be chosen on that day."""
        return state_on(day, self.valid_from, self.valid_until) == CodeState.OPEN


class Values:
    """All values of one list, in their order, retired ones too."""

    def __init__(self, values: Iterable[Known]) -> None:
        self.by_value = {one.value: one for one in values}
        self.labels = {one.value: one.label for one in self.by_value.values()}
        self.dated = frozenset(one.value for one in self.by_value.values() if one.valid_from or one.valid_until)
        self.meanings = {
            plain(word): one.value for one in self.by_value.values() for word in (*one.former, one.value, one.label)
        }

    def is_open(self, value: str, day: date) -> bool:
        return value not in self.dated or self.by_value[value].is_open(day)


class Memory:
    """What this process knows, by the class of choices. ``for_ever`` is for tests of everything else."""

    def __init__(self) -> None:
        self._until, self._lists = -inf, dict[Choices, Values]()

    def values(self, choices: Choices) -> Values:
        if monotonic() >= self._until:
            self._lists, self._until = read(), monotonic() + SECONDS
        return self._lists[choices]

    def remember(self, lists: dict[Choices, Values]) -> None:
        self._lists, self._until = lists, inf

    def forget(self) -> None:
        self._until = -inf


MEMORY = Memory()


def seeds() -> dict[Choices, Values]:
    """The lists as the code has them."""
    return {one.choices: Values(_seed(one)) for one in LISTS.values()}


def _seed(one: CodeList) -> list[Known]:
    return [Known(value, str(label)) for value, label in one.choices.choices]


def read() -> dict[Choices, Values]:
    """The lists as the database has them, by one statement; a value of the code that it lacks yet is as in the code."""
    found: dict[str, list[Known]] = defaultdict(list)
    columns = ("code_list", "value", "label", "former_labels", "valid_from", "valid_until", "successor__value")
    for key, *rest in Code.objects.order_by("code_list", "position", "id").values_list(*columns):
        found[key].append(Known(*rest))
    lists = {}
    for key, one in LISTS.items():
        there = {known.value for known in found[key]}
        lists[one.choices] = Values([*found[key], *(known for known in _seed(one) if known.value not in there)])
    return lists


def labels(choices: Choices) -> Mapping[str, str]:
    """The labels of all values, in order: what rows may hold."""
    return MEMORY.values(choices).labels


def label(choices: Choices, value: str) -> str:
    """The label of a value, "" for none; one that nobody knows is shown as it is."""
    return labels(choices).get(value, value)


def offered(choices: Choices) -> list[tuple[str, str]]:
    """The values that may be chosen today, with their labels."""
    values, today = MEMORY.values(choices), localdate()
    return [(value, text) for value, text in values.labels.items() if values.is_open(value, today)]


def meaning(choices: Choices, word: str) -> str | None:
    """The value that a text means, given as `plain` makes it: by its label, by one that it had before, or by itself.
    Retired ones too.
    """
    return MEMORY.values(choices).meanings.get(word)


def refusal(choices: Choices, value: str) -> tuple[str, str] | None:
    """Why a value may not be chosen today, and what to do, both without a full stop; None for one that may."""
    values = MEMORY.values(choices)
    if value not in values.dated:
        return None
    known, today = values.by_value[value], localdate()
    state = state_on(today, known.valid_from, known.valid_until)
    if state == CodeState.OPEN:
        return None
    if state == CodeState.PLANNED:
        wrong = f"“{known.label}”自 {known.valid_from:%Y-%m-%d} 起才可以使用"
    else:
        wrong = f"“{known.label}”自 {known.valid_until:%Y-%m-%d} 起停用"
    if instead := _successor(values, known, today):
        return wrong, f"请改为“{instead}”"
    return wrong, f"请从以下选项中选择：{'、'.join(text for _, text in offered(choices))}"


def _successor(values: Values, known: Known, today: date) -> str:
    """The label of what replaces a value today: the successor, or in turn its own."""
    while known.successor:
        known = values.by_value[known.successor]
        if known.is_open(today):
            return known.label
    return ""


def require_offered(chosen: Iterable[tuple[str, Choices, str]]) -> None:
    """Checks values that are new to a row: (field, list, value). Raises Refused, with the field, for the first that may
    not be chosen today. What a row holds already stays and is none of them.
    """
    for field, choices, value in chosen:
        if told := refusal(choices, value):
            raise Refused(f"{'，'.join(told)}。", field=field)


class OfferedLabels(Sequence[str]):
    """The labels that may be chosen today, and ``more``, read whenever they are asked for: for a column of a workbook, which
    is declared once.
    """

    def __init__(self, choices: Choices, more: Any = tuple) -> None:
        self._choices, self._more = choices, more

    def _labels(self) -> list[str]:
        return [*(text for _, text in offered(self._choices)), *self._more()]

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        return self._labels()[place]

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels())

    def __len__(self) -> int:
        return len(self._labels())
