"""No pattern that meets what anybody sends takes more than time that grows with its length.

A pattern holds the interpreter until it ends, and with it every page. So each pattern of the sources is tried with
whatever its own characters and words can be made into: a beginning, and a piece over and over.
"""

import ast
import re
import time
from collections import deque
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import product
from pathlib import Path
from pkgutil import walk_packages

import pytest

import gonghui
from gonghui.kit.excel import scanning
from gonghui.kit.normal import MAX_NORMALIZED, normalized
from tests.growth import is_steep

SOURCES = Path(gonghui.__file__).parent
MARKUP = [
    "<row ", "<c ", "<a:c ", "<col ", "<f ", "<f>", "</f>", "<f/>", "<v>", "</v>", "<v/>", "</c>", "<", ">", "/>",
    ' hidden="1"', ' t="e"', ' r="B2"', ' r="XFD1"', ' r="A1000000"', ' min="1"', '="', '"', " ", "x",
]  # fmt: skip
"""Tags, opened, closed and cut off, and what stands in them."""
TAKERS = ("compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn")
SUSPECT = 2e-7
"""Seconds for a byte, at a size at which a square shows: twenty times what an honest pattern takes; `is_steep` decides."""

Searched = tuple[re.Pattern, str]
"""A pattern, and the method by which it is used."""


def constant(call: ast.Call) -> str | bytes | None:
    first = call.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str | bytes) else None


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of `re` and of what takes patterns, with its place."""
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and takes_a_pattern(node.func):
                yield f"{path.relative_to(SOURCES)}:{node.lineno}", node


def takes_a_pattern(called: ast.expr) -> bool:
    name = ast.unparse(called)
    return name == "re_path" or (name.startswith("re.") and name.removeprefix("re.") in TAKERS)


def patterns() -> dict[str, Searched]:
    """All patterns, with the way in which each is used: those that a module compiles, and those that stand in a call."""
    matches: dict[str, Searched] = {}
    for module in walk_packages(gonghui.__path__, "gonghui."):
        if not re.search(r"\.(migrations|wsgi|settings)\b", module.name):
            for name, value in vars(import_module(module.name)).items():
                if isinstance(value, re.Pattern):
                    matches[f"{module.name}.{name}"] = value, "finditer"
    compiled = {pattern.pattern for pattern, _ in matches.values()}
    for place, call in calls():
        if (source := constant(call)) is not None and source not in compiled:
            way = ast.unparse(call.func).removeprefix("re.")
            flags = re.MULTILINE if "MULTILINE" in ast.unparse(call) else 0
            matches[place] = re.compile(source, flags), way if way in ("match", "fullmatch") else "finditer"
    return matches


PATTERNS = patterns()
OF_SCANNING = {name: (value, "finditer") for name, value in vars(scanning).items() if isinstance(value, re.Pattern)}


def test_every_pattern_stands_where_it_is_found() -> None:
    """A pattern put together inside a function would not be among PATTERNS."""
    strays = [place for place, call in calls() if constant(call) is None and not is_at_the_head(place, call)]
    assert not strays
    assert len(PATTERNS) > 40
    assert len(OF_SCANNING) >= 6


def is_at_the_head(place: str, call: ast.Call) -> bool:
    module = ast.parse((SOURCES / place.partition(":")[0]).read_text("utf-8"))
    return any(
        isinstance(node, ast.Call) and node.lineno == call.lineno
        for statement in module.body
        if isinstance(statement, ast.Assign)
        for node in ast.walk(statement)
    )


def seconds(searched: Searched, text: str) -> float:
    pattern, way = searched
    subject = text.encode() if isinstance(pattern.pattern, bytes) else text
    start = time.process_time()
    matches = getattr(pattern, way)(subject)
    if way == "finditer":
        deque(matches, maxlen=0)
    return time.process_time() - start


def sized(beginning: str, piece: str, size: int) -> str:
    return beginning + piece * (size // len(piece))


def steep(searched: Searched, tries: Iterable[tuple[str, str]]) -> str | None:
    """The beginning and the piece with which twice the text takes more than three times as long, if there are any."""
    for beginning, piece in tries:

        def takes(size: int, beginning: str = beginning, piece: str = piece) -> float:
            return seconds(searched, sized(beginning, piece, size))

        for size in (128, 4096):
            if takes(size) > size * SUSPECT and is_steep(takes):
                return f"{beginning!r} and then {piece!r} over and over"
    return None


def tokens_of(searched: Searched) -> list[str]:
    """A pattern's own words and characters, and one of each sort of character."""
    pattern, _ = searched
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode()
    words = [word for word in re.findall(r"(?<!\\)[^\W\d_]{2,}", source) if len(word) > 1]
    singles = [char for char in dict.fromkeys(source) if char not in r"[](){}?:*+|^$\\"]
    return list(dict.fromkeys([" ", "a", "A", "1", "张", "\n", *words[:6], *singles[:10]]))


def tries_of(searched: Searched) -> Iterator[tuple[str, str]]:
    tokens = tokens_of(searched)
    yield from product(["", *tokens], tokens)
    yield from (("", first + second) for first, second in product(tokens, tokens))


def markup() -> Iterator[tuple[str, str]]:
    return ((beginning, first + second) for beginning, first, second in product(["", *MARKUP], ["", *MARKUP], MARKUP))


@pytest.mark.parametrize("name", OF_SCANNING)
def test_a_pattern_of_the_scan_takes_time_that_grows_with_the_bytes(name: str) -> None:
    assert steep(OF_SCANNING[name], markup()) is None


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_takes_time_that_grows_with_the_text(name: str) -> None:
    assert steep(PATTERNS[name], tries_of(PATTERNS[name])) is None


@pytest.mark.parametrize(
    "pattern",
    [
        rb"""<(?:\w+:)?(row|col)\s([^>]*\bhidden="(?:1|true)"[^>]*)>""",  # cubic
        rb"""r="([A-Z]{1,2}\d{6,}|[A-Z]{3,}\d+)"[^>]*(?<!/)>(?!</)""",
        rb"""<c\s([^<>]*\bt="e"[^<>]*)>""",
    ],
)
def test_a_steep_pattern_is_found(pattern: bytes) -> None:
    assert steep((re.compile(pattern), "finditer"), markup())


@pytest.mark.parametrize("pattern", [r"\s*[·•]\s*", r"[\w.+-]+@x", r"1.*张.*a!"])
def test_a_steep_pattern_over_text_is_found(pattern: str) -> None:
    searched = re.compile(pattern), "finditer"
    assert steep(searched, tries_of(searched))


def test_normal_forms_are_made_in_one_place_and_of_short_texts() -> None:
    """A run of combining marks costs the square of its length there."""
    matches = [path for path in SOURCES.rglob("*.py") if "unicodedata.normalize" in path.read_text("utf-8")]
    assert [path.name for path in matches] == ["normal.py"]
    start = time.process_time()
    for form in ("NFC", "NFD", "NFKC"):
        assert len(normalized(form, "e" + "\u0301\u0316" * 500_000)) > MAX_NORMALIZED
    assert time.process_time() - start < 1
    assert normalized("NFKC", "Ａ１") == "A1"
