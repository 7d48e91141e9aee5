"""Draws docs/states.md from the tables of transitions: `.venv/bin/python scripts/draw_states.py`."""

import os
from collections.abc import Iterator
from pathlib import Path

DOCUMENT = Path(__file__).parents[1] / "docs" / "states.md"
HEAD = """# States

Which state may follow which: drawn by `scripts/draw_states.py` from the tables beside the states, which the database
holds ([ADR 29](adr/0029-the-database-holds-the-tables-of-states.md)). A row may begin where an arrow comes from ●, and
stays for ever where one leads to ◉. A window of an inspection has states too; they follow from its dates.
"""


def drawn() -> str:
    """The whole document."""
    import pgtrigger

    from gonghui.kit.states import StateTrigger

    found = {
        (one._meta.label, trigger.field): (one, trigger)
        for one, trigger in pgtrigger.registered()
        if isinstance(trigger, StateTrigger)
    }
    return HEAD + "".join("\n" + "\n".join(_diagram(*found[key])) + "\n" for key in sorted(found))


def _diagram(model, trigger) -> Iterator[str]:
    field = model._meta.get_field(trigger.field)
    labels = {"": "－", **{str(value): label for value, label in field.flatchoices}}
    transitions = trigger.transitions
    yield f"## {model._meta.label}: {trigger.field}"
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield from (f'    state "{labels[str(state)]} {state}" as {_id(state)}' for state in transitions.following)
    yield from (f"    [*] --> {_id(state)}" for state in transitions.initial)
    yield from (f"    {_id(old)} --> {_id(new)}" for old, new in transitions.pairs())
    yield from (f"    {_id(state)} --> [*]" for state in transitions.final)
    yield "```"


def _id(state: str) -> str:
    return f"s_{state}"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gonghui.config.settings")
    os.environ.setdefault("GONGHUI_DEMO", "1")
    import django

    django.setup()
    DOCUMENT.write_text(drawn())
