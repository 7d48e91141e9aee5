"""The layers of docs/architecture.md hold: who writes, where kinds of request stand, where tests stand."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from gonghui.reviews.hooks import KINDS
from tests.test_architecture import ROOT, SOURCES, tree_of

APPS = sorted(path.parent.name for path in SOURCES.glob("*/apps.py"))
WRITING = {"save", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "delete", "atomic"}
ON_ROWS = {"create", "update"}
"""Also methods of other things: writing when they are called of a manager or of a query."""
TOGETHER = {
    "accounts": {"accounts", "ended_sessions", "unwritten_session"},
    "attachments": {"races"},
    "audit": {"races"},
    "bookings": {"killed", "life", "races"},
    "cards": {"killed", "races", "second_format"},
    "codelists": {"races"},
    "config": {"silence"},
    "duplicates": {"doors", "races"},
    "exports": {"killed", "races", "states"},
    "filings": {"code_lists", "life", "particulars", "races", "states"},
    "imports": {"broken_connection", "columns_not_read", "killed", "pages", "progress", "second_kind", "states"},
    "inspections": {"races"},
    "kit": {"excel_origins", "patterns"},
    "national": {"killed", "round_trip"},
    "members": {"code_lists", "name_keys", "ticked"},
    "notices": {"mail", "states", "worker"},
    "policies": {"limits", "races"},
    "portal": {"pages"},
    "registers": {"killed", "states"},
    "reviews": {"asker", "desk", "opinions", "pane", "races", "second_kind"},
    "superiors": {"races"},
    "transfers": {"life", "races", "standings", "states", "views"},
    "unions": {"proposed_kinds"},
    "yearbooks": {"races", "states"},
}
"""Tests of what several files of an app do together."""


def modules(app: str) -> Iterator[Path]:
    return (path for path in sorted((SOURCES / app).rglob("*.py")) if "migrations" not in path.parts)


def writes(path: Path) -> bool:
    calls = [node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    for called in calls:
        if isinstance(called, ast.Name) and called.id == "record":
            return True
        if isinstance(called, ast.Attribute) and (
            called.attr in WRITING or (called.attr in ON_ROWS and re.search(r"objects|filter\(", ast.unparse(called)))
        ):
            return True
    return False


def test_only_actions_kinds_and_the_named_writers_write():
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    table = text.partition("| Module | Writes because |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE)
    assert named == sorted(set(named))
    found = {
        ".".join(path.relative_to(SOURCES).with_suffix("").parts)
        for app in APPS
        if app not in ("config", "kit")
        for path in modules(app)
        if path.name not in ("actions.py", "review.py", "models.py") and path.parent.name != "models" and writes(path)
    }
    assert found == set(named)


def test_every_app_is_installed_has_a_layer_and_stands_in_the_list():
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("## Apps")[2].partition("## Layers")[0]
    layers = re.findall(r"\((\w+)\)", (ROOT / "pyproject.toml").read_text("utf-8").partition("layers = [")[2])
    addresses = (SOURCES / "config" / "urls.py").read_text("utf-8")
    for app in APPS:
        assert f"gonghui.{app}" in settings.INSTALLED_APPS, app
        assert app in layers, app
        assert re.search(rf"^(.* \| )?{app} ", text, re.MULTILINE), app
        if (SOURCES / app / "urls.py").exists():
            assert f'include("gonghui.{app}.urls")' in addresses, app


def test_every_kind_of_request_stands_in_a_review_file():
    assert {type(kind).__module__.rpartition(".")[2] for kind in KINDS.values()} == {"review"}


def test_views_write_nothing_themselves():
    assert [path for app in APPS for path in modules(app) if path.name.endswith("views.py") and writes(path)] == []


def test_tests_stand_where_the_sources_stand():
    strays, together = [], {app: set() for app in TOGETHER}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        *places, name = path.relative_to(ROOT / "tests").with_suffix("").parts
        if not places or places[0] == "journeys":
            continue  # tests over everything
        app, *folders = places
        subject = name.removeprefix("test_")
        source = SOURCES.joinpath(app, *folders, subject)
        command = SOURCES.joinpath(app, "management", "commands", f"{subject}.py")
        if source.with_suffix(".py").exists() or source.is_dir() or command.exists():
            continue
        if not folders and subject in TOGETHER.get(app, ()):
            together[app].add(subject)
        else:
            strays.append(str(path.relative_to(ROOT)))
    assert strays == []
    assert together == TOGETHER
