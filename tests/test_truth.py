"""What pages say stays true: a colour for a state, a sentence that does not outlive what it tells."""

import ast

from django.db import models

from gonghui.kit.tags import TONES
from tests.test_architecture import SOURCES


def choices() -> list[type[models.TextChoices]]:
    """Every one of the platform's."""
    found, left = [], [models.TextChoices]
    while left:
        found += (some := left.pop().__subclasses__())
        left += some
    return [one for one in found if one.__module__.startswith("gonghui.")]


def test_one_word_has_one_colour():
    """「待审核」 is orange wherever it stands, whatever the app calls the state."""
    colours: dict[str, set[str]] = {}
    for choice in choices():
        for value, label in choice.choices:
            if value in TONES:
                colours.setdefault(str(label), set()).add(TONES[value])
    assert {label: tones for label, tones in colours.items() if len(tones) > 1} == {}
    assert colours["待审核"] == {"orange"}


def test_no_message_tells_what_is_being_done():
    """A message stays on the page while the page below it goes on to what has been done."""
    texts = [
        text.value
        for path in SOURCES.rglob("*views.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("messages.")
        for text in ast.walk(call)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    ]
    assert len(texts) > 50
    assert [text for text in texts if "正在" in text] == []
