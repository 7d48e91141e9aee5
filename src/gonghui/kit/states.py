"""Tables of state transitions, one beside each enum of states. The database enforces them, also for direct SQL."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pgtrigger


@dataclass(frozen=True)
class Transitions:
    """The initial states of a row, and the allowed next states of each state; a final state has none.

    Raises ValueError for an incomplete table: a state without an entry, or one that cannot be reached.
    """

    initial: Collection[str]
    following: Mapping[str, Collection[str]]

    def __post_init__(self) -> None:
        reached = {*self.initial, *(new for _, new in self.pairs())}
        if reached != set(self.following):
            raise ValueError(f"not reached, or not defined: {sorted(map(str, reached ^ set(self.following)))}")

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yields every allowed transition, in the order of the table."""
        for old, following in self.following.items():
            yield from ((old, new) for new in following)

    @property
    def final(self) -> list[str]:
        return [state for state, following in self.following.items() if not following]


class StateTrigger(pgtrigger.Trigger):
    """Refuses a transition that is not in the table. Its function runs only for such a row: bulk writes are fast."""

    def __init__(self, field: str, transitions: Transitions, name: str, operation: Any, condition: str) -> None:
        self.field, self.transitions = field, transitions
        super().__init__(
            name=f"{field}_{name}",
            when=pgtrigger.Before,
            operation=operation,
            condition=pgtrigger.Condition(condition),
            func=f"""
                RAISE EXCEPTION '%.{field}: % after % is not in its table of transitions', TG_TABLE_NAME, NEW.{field},
                    CASE TG_OP WHEN 'UPDATE' THEN OLD.{field} ELSE 'nothing' END
                    USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_{field}_{name}';
            """,
        )


def state_triggers(field: str, transitions: Transitions) -> list[StateTrigger]:
    """Returns the triggers that enforce the table, for ``Meta.triggers`` of the model with ``field``.

    Any other transition is a programming error (actions check first, and raise Refused): IntegrityError.
    """
    initial = ", ".join(f"'{state}'" for state in transitions.initial)
    pairs = ", ".join(f"('{old}', '{new}')" for old, new in transitions.pairs())
    moved = f"OLD.{field} <> NEW.{field} AND (OLD.{field}, NEW.{field}) NOT IN ({pairs})"
    return [
        StateTrigger(field, transitions, "begins", pgtrigger.Insert, f"NEW.{field} NOT IN ({initial})"),
        StateTrigger(field, transitions, "moves", pgtrigger.UpdateOf(field), moved),
    ]
