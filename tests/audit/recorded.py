"""The records in the code whose verb is a literal.

As a command: imports each module that records something in a separate process, and prints what is not registered.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import gonghui

_SOURCE = Path(gonghui.__file__).parent
_RECORDERS = {"record", "record_all", "_record"}
_VERB = re.compile(r"[a-z]+\.[a-z_]+")


class Record(NamedTuple):
    """A call of ``audit.actions.record``."""

    module: str
    line: int
    verb: str
    keys: list[str]


def recorded() -> Iterator[Record]:
    """Returns every record in the code with a literal verb, by module."""
    for path in sorted(_SOURCE.rglob("*.py")):
        module = ".".join(path.relative_to(_SOURCE.parent).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _RECORDERS:
                keys = [word.arg for word in node.keywords if word.arg and word.arg not in {"by", "union", "people"}]
                for verb in ast.walk(node.args[0]) if node.args else ():
                    if isinstance(verb, ast.Constant) and _VERB.fullmatch(str(verb.value)):
                        yield Record(module, node.lineno, verb.value, keys)


def _print_unknown(records: list[Record]) -> None:
    from gonghui.audit.hooks import VERBS
    from gonghui.audit.verbs import fact

    import_module(records[0].module)
    for record in records:
        try:
            VERBS[record.verb]
            for key in record.keys:
                fact(record.verb, key)
        except KeyError as error:
            _say(f"{record.module}:{record.line} {error}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Checks each module alone: an earlier import would hide missing registrations of the next one."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    modules = [list(records) for _, records in groupby(recorded(), key=lambda record: record.module)]
    for records in modules:
        child = os.fork()
        if not child:
            _print_unknown(records)
            os._exit(0)
        os.waitpid(child, 0)
    _say(f"checked {len(modules)} modules")


if __name__ == "__main__":
    main()
