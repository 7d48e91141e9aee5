"""What the documents name of the sources is there: a module, or what stands in it."""

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.test_architecture import ROOT, SOURCES

APPS = {path.parent.name for path in SOURCES.glob("*/__init__.py")}
NAME = re.compile(r"`([a-z_]+(?:\.[A-Za-z_]+)+)(?:\(\))?`")
DOCUMENTS = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "adr").glob("*.md")]


def named() -> Iterator[tuple[Path, str]]:
    """Each ``app.…`` between backticks, but in tables of names, which `test_hooks` and `test_layers` compare."""
    for document in DOCUMENTS:
        for line in document.read_text().splitlines():
            if line.startswith("| `") and document.name == "architecture.md":
                continue
            for name in NAME.findall(line):
                if name.split(".")[0] in APPS:
                    yield document.relative_to(ROOT), name


def is_there(name: str) -> bool:
    """``app.name`` may also be one of the app's hooks."""
    app, _, rest = name.partition(".")
    return stands(name) or stands(f"{app}.hooks.{rest}")


def stands(name: str) -> bool:
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        module = ".".join(["gonghui", *parts[:count]])
        try:
            found = find_spec(module)
        except ModuleNotFoundError:
            continue
        if found:
            thing = import_module(module)
            for part in parts[count:]:
                thing = getattr(thing, part, None)
            return thing is not None
    return False


def test_a_name_that_went_is_found():
    assert is_there("members.memberships.move")
    assert is_there("reviews.sections")
    assert not is_there("members.moves.move")
    assert not is_there("cards.standing")


@pytest.mark.parametrize(("document", "name"), sorted(set(named())), ids=str)
def test_every_name_in_the_documents_is_there(document: Path, name: str):
    assert is_there(name), f"{document} names {name}, which is not in src"
