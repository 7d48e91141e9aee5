"""The benches still run: on a tiny city, and whatever their figures."""

import re
import subprocess
import sys
from pathlib import Path

from tests import prepared
from tests.stack import environment

QUICK = ["lists", "member_list", "figures", "member_import", "transfers", "relocation", "eligibility"]
"""Those that take seconds; `make bench` runs all."""

RUN = Path(__file__).parents[1] / "bench" / "run.py"


def test_the_quick_benches_of_the_register_run_and_tell_their_figures(tmp_path):
    prepared.migrated(tmp_path / "var")
    results = tmp_path / "results.md"
    sizes = ["--members", "400", "--unions", "60", "--turns", "1"]
    done = subprocess.run(
        [sys.executable, RUN, *sizes, "--keep", tmp_path / "var", "--results", results, "--only", *QUICK],
        env=environment(tmp_path / "var"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = results.read_text()
    benches = set(re.findall(r"^\| (\w+) \|", told, re.MULTILINE)) - {"Bench"}
    assert benches >= {"lists", "member_list", "figures", "transfers", "relocation", "eligibility"}
    assert re.search(r"400 members in 60 unions", told)
