"""The recipes of docs/contributing.md: each names what is there, and a test that fails when the recipe is untrue."""

import re

import pytest

from tests.test_architecture import ROOT, SOURCES, exists

TEXT = (ROOT / "docs" / "contributing.md").read_text("utf-8")
RECIPES = {
    heading: text
    for heading, text in re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", TEXT, re.MULTILINE)
    if heading.startswith(("Adding", "Recording"))
}
APPS = {path.name for path in SOURCES.iterdir() if path.is_dir()}
ENDINGS = (".py", ".html", ".md", ".js", ".css")


def named(text: str) -> list[str]:
    """What stands in backticks, and the targets of links; a line may end within."""
    return [" ".join(name.split()) for name in re.findall(r"`([^`]+)`", text)] + re.findall(r"\]\(([^)]+)\)", text)


def is_there(name: str) -> bool:
    """Whether a name that looks like a path or like a dotted name of ours leads to something; other words always do."""
    if re.search(r"[<>…*{ ]", name):
        return True  # with a gap to fill in, or a piece of code
    if "/" in name and name.endswith((*ENDINGS, "/")) and not name.startswith("/"):
        places = [ROOT / name, SOURCES / name, ROOT / "docs" / name, *SOURCES.glob(f"*/templates/{name}")]
        return any(place.exists() for place in [*places, SOURCES / "templates" / name])
    dotted = re.match(r"(\w+(?:\.\w+)+)(?=$|\()", name)
    if dotted and dotted[1].split(".")[0] in APPS:
        return exists(f"gonghui.{dotted[1]}")
    return True


def test_there_are_recipes():
    assert len(RECIPES) >= 13
    assert not is_there("reviews/nothing.html")
    assert not is_there("reviews.actions.nothing")


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_names_what_is_there(recipe):
    assert [name for name in named(RECIPES[recipe]) if not is_there(name)] == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_names_the_test_behind_it(recipe):
    assert [name for name in named(RECIPES[recipe]) if re.fullmatch(r"tests/[\w/]*test_\w+\.py", name)]
