"""No pattern that meets what anybody sends takes more than time that grows with its length.

A pattern holds the interpreter until it ends, and with it every page. So each pattern of the sources is tried with
whatever its own characters and words can be made into: a beginning, and a piece over and over.
"""

import ast
import re
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import product
from pathlib import Path
from pkgutil import walk_packages
from statistics import median

import pytest

import gonghui
from gonghui.kit.excel import scanning
from gonghui.kit.normal import LONGEST, normalized

SOURCES = Path(gonghui.__file__).parent
MARKUP = [
    "<row ", "<c ", "<a:c ", "<col ", "<f ", "<f>", "</f>", "<f/>", "<v>", "</v>", "<v/>", "</c>", "<", ">", "/>",
    ' hidden="1"', ' t="e"', ' r="B2"', ' r="XFD1"', ' r="A1000000"', ' min="1"', '="', '"', " ", "x",
]  # fmt: skip
"""Tags, opened, closed and cut off, and what stands in them."""
SUSPECT = 1e-6
"""Seconds for a byte, at a size at which a square shows: a hundred times what an honest pattern takes."""
STABLE = 0.05
"""Seconds of CPU from which on two times can be compared."""
MOST = 3
"""Times as long that twice the text may take: 2, and the noise."""


def constant(call: ast.Call) -> str | bytes | None:
    first = call.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str | bytes) else None


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of `re` and of what takes patterns, with its place."""
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and node.args
                and (called := ast.unparse(node.func)).startswith(("re.", "re_path"))
            ):
                if called not in ("re.escape", "re.error"):
                    yield f"{path.relative_to(SOURCES)}:{node.lineno}", node


def patterns() -> dict[str, re.Pattern]:
    """All patterns: those that a module compiles, and those that stand in a call."""
    found: dict[str, re.Pattern] = {}
    for module in walk_packages(gonghui.__path__, "gonghui."):
        if not re.search(r"\.(migrations|wsgi|settings)\b", module.name):
            for name, value in vars(import_module(module.name)).items():
                if isinstance(value, re.Pattern):
                    found[f"{module.name}.{name}"] = value
    compiled = {pattern.pattern for pattern in found.values()}
    for place, call in calls():
        if (source := constant(call)) is not None and source not in compiled:
            found[place] = re.compile(source, re.MULTILINE if "MULTILINE" in ast.unparse(call) else 0)
    return found


PATTERNS = patterns()
OF_SCANNING = {name: value for name, value in vars(scanning).items() if isinstance(value, re.Pattern)}


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


def seconds(pattern: re.Pattern, text: str) -> float:
    subject = text.encode() if isinstance(pattern.pattern, bytes) else text
    start = time.process_time()
    for _ in pattern.finditer(subject):
        pass
    if text.isprintable():
        pattern.fullmatch(subject)
    return time.process_time() - start


def sized(beginning: str, piece: str, size: int) -> str:
    return beginning + piece * (size // len(piece))


def steep(pattern: re.Pattern, tokens: Sequence[str]) -> str | None:
    """The beginning and the piece with which twice the text takes more than MOST times as long, if there are any."""
    for beginning, *pieces in product(["", *tokens], ["", *tokens], tokens):
        piece = "".join(pieces)
        for size in (256, 2048):
            if seconds(pattern, sized(beginning, piece, size)) > size * SUSPECT and is_steep(pattern, beginning, piece):
                return f"{beginning!r} and then {piece!r} over and over"
    return None


def is_steep(pattern: re.Pattern, beginning: str, piece: str) -> bool:
    size = 256
    while size < 1_000_000 and seconds(pattern, sized(beginning, piece, size)) < STABLE:
        size *= 2
    once, twice = (median(seconds(pattern, sized(beginning, piece, n)) for _ in range(3)) for n in (size, 2 * size))
    return twice > MOST * once


def tokens_of(pattern: re.Pattern) -> list[str]:
    """A pattern's own words and characters, and one of each sort of character."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode()
    words = [word for word in re.findall(r"(?<!\\)[^\W\d_]{2,}", source) if len(word) > 1]
    singles = [char for char in dict.fromkeys(source) if char not in r"[](){}?:*+|^$\\"]
    return list(dict.fromkeys([" ", "a", "A", "1", "张", "\n", *words[:6], *singles[:10]]))


@pytest.mark.parametrize("name", OF_SCANNING)
def test_a_pattern_of_the_scan_takes_time_that_grows_with_the_bytes(name: str) -> None:
    assert steep(OF_SCANNING[name], MARKUP) is None


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_takes_time_that_grows_with_the_text(name: str) -> None:
    assert steep(PATTERNS[name], tokens_of(PATTERNS[name])) is None


@pytest.mark.parametrize(
    "pattern",
    [
        rb"""<(?:\w+:)?(row|col)\s([^>]*\bhidden="(?:1|true)"[^>]*)>""",  # cubic
        rb"""r="([A-Z]{1,2}\d{6,}|[A-Z]{3,}\d+)"[^>]*(?<!/)>(?!</)""",
        rb"""<c\s([^<>]*\bt="e"[^<>]*)>""",
    ],
)
def test_a_steep_pattern_is_found(pattern: bytes) -> None:
    assert steep(re.compile(pattern), MARKUP)


@pytest.mark.parametrize("pattern", [r"\s*[·•]\s*", r"(.+?)[，；](请.+)", r"(a+)+b", r"[\w.+-]+@x"])
def test_a_steep_pattern_over_text_is_found(pattern: str) -> None:
    assert steep(re.compile(pattern), tokens_of(re.compile(pattern)))


def test_normal_forms_are_made_in_one_place_and_of_short_texts() -> None:
    """A run of combining marks costs the square of its length there."""
    found = [path for path in SOURCES.rglob("*.py") if "unicodedata.normalize" in path.read_text("utf-8")]
    assert [path.name for path in found] == ["normal.py"]
    start = time.process_time()
    for form in ("NFC", "NFD", "NFKC"):
        assert len(normalized(form, "e" + "\u0301\u0316" * 500_000)) > LONGEST
    assert time.process_time() - start < 1
    assert normalized("NFKC", "Ａ１") == "A1"
