"""Which tests to run for what has changed: ``python -m tests.changed [BASE]`` prints their paths.

An app's sources stand for the app's tests; a test stands for itself; what serves all tests or all apps, for the tests over
the whole (tests/test_*.py) but for those of every address, which take minutes.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LONG = {"test_choices.py", "test_hostile_input.py", "test_looks.py", "test_scope.py", "test_ways_in.py"}
"""Every address, as everybody: for `make test`."""


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


def main() -> None:
    over_all = {f"tests/{path.name}" for path in (ROOT / "tests").glob("test_*.py") if path.name not in LONG}
    paths = changed(sys.argv[1] if len(sys.argv) > 1 else "HEAD")
    sys.stdout.write(" ".join(sorted(over_all.union(*map(tests_of, paths)))))


if __name__ == "__main__":
    main()
