"""What apps add to those below: the table of docs/architecture.md is what is registered."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from gonghui.kit.hooks import Hook
from tests.test_architecture import ROOT, SOURCES, sources, tree_of, views

WORDS = {"audit.VERBS", "audit.FACTS", "audit.LOOKS"}
"""They stand at the head of the actions that record them, a hundred and more: tests/audit/test_verbs.py asks about each."""


def declared() -> Iterator[tuple[str, str]]:
    """What the modules of the sources name, by file and name, and the text of what makes each."""
    for path in sources("src"):
        module = ".".join(path.relative_to(SOURCES).with_suffix("").parts)
        for line in tree_of(path).body:
            if isinstance(line, ast.Assign | ast.AnnAssign) and line.value:
                target = line.targets[0] if isinstance(line, ast.Assign) else line.target
                yield f"{module}.{ast.unparse(target)}", ast.unparse(line.value)


def hook_names() -> list[str]:
    return [name for name, value in declared() if re.match(r"(Hook\[.*|Registry)\(", value)]


def hooks() -> dict[str, Any]:
    """Every hook and registry by its name in the table."""
    list(views())  # all is loaded
    return {name.replace(".hooks.", "."): find(name) for name in hook_names()}


def find(name: str) -> Any:
    module, _, variable = name.rpartition(".")
    return getattr(import_module(f"gonghui.{module}"), variable)


def table() -> dict[str, tuple[str, list[str]]]:
    """The rows: the hook, when it is called, and the names that are registered."""
    text = (ROOT / "docs" / "architecture.md").read_text().partition("\n## Hooks\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in re.findall(r"^\| `.*", text, re.MULTILINE)]
    return {hook.strip("`"): (when, re.findall(r"`([^`]+)`", registered)) for hook, when, registered in rows}


def registered(hook: Any) -> list[str]:
    names = hook.functions if isinstance(hook, Hook) else hook
    return [name.removeprefix("gonghui.") for name in names]


def test_the_table_names_every_hook_and_all_that_is_registered_in_its_order():
    rows = table()
    assert all(when for when, _ in rows.values())
    assert {name: names for name, (_, names) in rows.items() if name not in WORDS} == {
        name: registered(hook) for name, hook in hooks().items() if name not in WORDS
    }
    assert set(rows) >= WORDS


def test_an_app_declares_its_hooks_in_one_file():
    assert [name for name in hook_names() if not re.match(r"kit\.|[a-z]+\.hooks\.", name)] == []


def test_two_in_one_hook_have_two_places():
    for name, hook in hooks().items():
        if isinstance(hook, Hook):
            places = hook.functions._order
            assert len(set(places.values())) == len(places), name


def test_nothing_else_is_filled_from_elsewhere():
    """An empty list, dict or set of a module is a hook of another shape."""
    empty = {"[]", "{}", "list()", "dict()", "set()"}
    found = [name for name, value in declared() if value in empty or value.startswith("defaultdict(")]
    assert found == ["kit.excel.reading._NO_FLAGS", "transfers.requests.matching._none"], (
        "the two are Mappings, which stay empty"
    )
