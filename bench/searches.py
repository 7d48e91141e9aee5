"""The searches of a page: each field of its search form with something that is often there, and something that never is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

OFTEN, NEVER, DAY = "有限公司", "绝无此名", "2026-01-01"
TYPED = {"name": ("王", "建国", "欧阳"), "number": ("010", "0100000001"), "document": ("310",), "card": ("9999",)}
"""What people type, by the name of the field; into others OFTEN and NEVER."""


@dataclass
class Form:
    """A form with role ``search``: where it goes, and what its fields take."""

    method: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._inside: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        name = have.get("name", "")
        if tag == "form" and have.get("role") == "search":
            self._inside = Form(have.get("method", "get"), have.get("action", ""))
            self.found.append(self._inside)
        elif self._inside is None:
            pass
        elif tag == "select":
            self._select = name
        elif tag == "option" and have.get("value") and self._select:
            self._inside.fields.setdefault(self._select, []).append(have["value"])
        elif tag == "input" and name and have.get("type", "text") not in {"hidden", "submit"}:
            self._inside.fields[name] = _typed(name, have.get("type", "text"), have.get("value", "1"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None
        elif tag == "select":
            self._select = ""


def _typed(name: str, kind: str, value: str) -> list[str]:
    if kind == "date":
        return [DAY]
    if kind in {"checkbox", "radio"}:
        return [value]
    return [*TYPED.get(name, (OFTEN, NEVER))]


CHOICES = 4
"""So many options of a select are chosen, the first ones."""


def searches(page: str) -> Iterator[tuple[Form, str, str]]:
    """Each search of the page that fills one field: the form, the field, its value."""
    parser = _Forms()
    parser.feed(page)
    for form in parser.found:
        for name, values in form.fields.items():
            for value in values[:CHOICES]:
                yield form, name, value
