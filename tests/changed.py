"""Which tests to run for what has changed: ``python -m tests.changed [BASE]`` prints their paths.

An app's sources stand for the app's tests; a test stands for itself. The tests over the whole (tests/test_*.py) always come
along, but for those of every address, which take minutes; of an app, those on an installation of their own stay out, which
wait for killed processes. `make test` has them all.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.scheduling import FIRST

ROOT = Path(__file__).parent.parent
LONG = {
    "test_answers.py",
    "test_choices.py",
    "test_fields.py",
    "test_filters.py",
    "test_hostile_input.py",
    "test_lists_come_back.py",
    "test_looks.py",
    "test_scope.py",
    "test_ways_in.py",
}
"""Every address, or every page of a kind."""


def changed(base: str) -> list[str]:
    """Files that differ from the commit, and new ones."""
    commands = (["diff", "--name-only", base], ["ls-files", "--others", "--exclude-standard"])
    found = [
        subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True) for words in commands
    ]
    return [line for answer in found for line in answer.stdout.splitlines()]


def tests_of(path: str) -> set[str]:
    match Path(path).parts:
        case ("src", "gonghui", app, *_) if (ROOT / "tests" / app).is_dir():
            return {f"tests/{app}"}
        case ("tests", *_, name) if name.startswith("test_"):
            return {path} if (ROOT / path).exists() else set()
        case ("tests", app, _) if app != "journeys":
            return {f"tests/{app}"}
    return set()


def chosen(paths: Iterable[str]) -> list[str]:
    """pytest's arguments."""
    over_all = {f"tests/{path.name}" for path in (ROOT / "tests").glob("test_*.py") if path.name not in LONG}
    found = over_all.union(*map(tests_of, paths))
    apart = (f"--ignore={one}" for one in FIRST if one not in found and str(Path(one).parent) in found)
    return sorted([*found, *apart])


def main() -> None:
    sys.stdout.write(" ".join(chosen(changed(sys.argv[1] if len(sys.argv) > 1 else "HEAD"))))


if __name__ == "__main__":
    main()
