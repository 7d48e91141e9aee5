"""Tables of state transitions, one beside each enum of states; the database enforces them for every writer, SQL included."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pgtrigger


@dataclass(frozen=True)
class Transitions:
    """The states in which a row may begin, and to each state those that may follow it; none follows a final one.

    Raises ValueError for a table that is not whole: a state that is nowhere defined, or that nothing leads to.
    """

    initial: Collection[str]
    following: Mapping[str, Collection[str]]

    def __post_init__(self) -> None:
        reached = {*self.initial, *(new for _, new in self.pairs())}
        if reached != set(self.following):
            raise ValueError(f"not reached, or not defined: {sorted(map(str, reached ^ set(self.following)))}")

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every move that may be made, in the order of the table."""
        for old, following in self.following.items():
            yield from ((old, new) for new in following)

    @property
    def final(self) -> list[str]:
        return [state for state, following in self.following.items() if not following]


class StateTrigger(pgtrigger.Trigger):
    """Refuses a transition that is not in the table. Its function runs only for such a row, so bulk writes stay cheap."""

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
    """For ``Meta.triggers`` of the model that has ``field``: a row begins and moves as the table says.

    Any other transition is a programming error (actions check first, and raise Refused): IntegrityError.
    """
    initial = ", ".join(f"'{state}'" for state in transitions.initial)
    pairs = ", ".join(f"('{old}', '{new}')" for old, new in transitions.pairs())
    moved = f"OLD.{field} <> NEW.{field} AND (OLD.{field}, NEW.{field}) NOT IN ({pairs})"
    return [
        StateTrigger(field, transitions, "begins", pgtrigger.Insert, f"NEW.{field} NOT IN ({initial})"),
        StateTrigger(field, transitions, "moves", pgtrigger.UpdateOf(field), moved),
    ]
