"""Three hundred filings decided with the keyboard alone: `python bench/desk.py [--clean N] [--doubtful N]`.

A demo of its own, a street with so many filings on its desk, and a browser that presses the keys of a reviewer: what no
check doubts is ticked, approved, confirmed and hastened at once; the rest is decided one by one beside the list, every
fourth sent back with a sentence. It presses as fast as the platform answers, so that what is measured is the platform's
share; how long a person reads comes on top. Printed are the seconds from the front page to the last key, and until the
register has all of them. Exits with 1 above two minutes, or when the register does not say what was decided.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import expect, sync_playwright

from tests import many_filings, prepared
from tests.journeys.desk_by_keyboard import LONG, REFUSED_EVERY, decide_all
from tests.journeys.pages import DESK, sign_in
from tests.many_filings import Outcome
from tests.stack import Demo, wait_for

GOAL = 120
"""Seconds."""


def main() -> int:
    """Submit, decide, count."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clean", type=int, default=212, help="filings that no check doubts (212)")
    parser.add_argument("--doubtful", type=int, default=88, help="filings to be looked at one by one (88)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder) / "var"
        prepared.demo(var)
        demo = Demo(var)
        demo.start()
        try:
            return _measure(demo, options.clean, options.doubtful)
        finally:
            demo.stop()


def _measure(demo: Demo, clean: int, doubtful: int) -> int:
    many_filings.submit(demo, clean=clean, doubtful=doubtful)
    refused = doubtful // REFUSED_EVERY
    approved = clean + doubtful - refused
    with sync_playwright() as playwright:
        path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(base_url=demo.address, locale="zh-CN", viewport=DESK, reduced_motion="reduce")
        page.set_default_timeout(LONG)
        expect.set_options(timeout=LONG)
        sign_in(page, many_filings.EMAIL)
        began = time.monotonic()
        decide_all(page, clean=clean, doubtful=doubtful)
        pressed = time.monotonic() - began
        wait_for(lambda: many_filings.outcome(demo).approved == approved, 600)
        stands = time.monotonic() - began
    right = many_filings.outcome(demo) == Outcome(approved, refused, waiting=0, numbered=approved)
    print(
        f"{clean} at once, {doubtful} one by one ({refused} sent back): last key after {pressed:.1f} s (goal {GOAL});"
    )
    print(f"all of them in the register after {stands:.1f} s, asked every few seconds; as decided: {right}")
    return 0 if right and pressed <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
