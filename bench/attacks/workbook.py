"""Hostile workbooks against the running platform: `python bench/attacks/workbook.py [address] [--bound 5]`.

Starts a demo of its own, or takes the address of one on this machine. An officer uploads each file, and then many at
once; meanwhile somebody else asks for /healthz and for a signed-in page. Prints how long each answer took, and exits
with 1 when one took more than the bound (seconds), or nothing was answered to the officer.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from re import search
from urllib.error import HTTPError, URLError
from urllib.request import Request

sys.path.insert(0, str(Path(__file__).parents[2]))

from gonghui.demo_data.cast import PASSWORD, UNION_A
from tests.kit.excel.files import raw_book, sheet_xml, text_row
from tests.stack import Demo, Visitor, multipart, wait_for

UPLOADS = "/imports/members/"
LONGEST = 60
"""Seconds after which an answer is given up."""
HEADINGS = ["姓名", "证件号码", "移动电话"]


def sheet(xml: str) -> bytes:
    """A workbook of one sheet whose part is this, whether it is XML or not."""
    return raw_book(xml.encode())


def rows(*values: str, last: str = "", after: str = "") -> bytes:
    """An honest structure with these values in the first row."""
    return raw_book(sheet_xml(text_row(1, HEADINGS) + text_row(2, values) + last, after=after))


FILES = {
    "hidden rows, 600": sheet("<worksheet>" + '<row hidden="1" ' * 600),
    "hidden rows, 600,000": sheet("<worksheet>" + '<row hidden="1" ' * 600_000),
    "hidden, in one tag": sheet("<worksheet><row " + 'hidden="1" ' * 100_000),
    "errors": sheet("<worksheet>" + '<c t="e" ' * 100_000),
    "formulas": sheet("<worksheet>" + "<c ><f>" * 100_000),
    "far cells": sheet("<worksheet>" + '<c r="XFD1" ' * 100_000),
    "quotes in the index": raw_book(sheet_xml(""), extra={"xl/workbook.xml": b'<sheet "' * 100_000}),
    "marks on a number": rows("张三", "1" + "\u0301\u0316" * 50_000, "13800000000"),
    "a child to its limit": rows(
        "张三",
        last=text_row(99_999, ["x"]),
        after="<mergeCells>" + '<mergeCell ref="A3:C99999"/>' * 20_000 + "</mergeCells>",
    ),
}


class Officer(Visitor):
    """Uploads files with the form's own token."""

    def sign_in(self) -> None:
        self.post("/accounts/login/", login=UNION_A.email, password=PASSWORD)
        found = search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(UPLOADS))
        if not found:
            raise SystemExit("the officer cannot upload")
        self.token = found[1]

    def upload(self, data: bytes) -> str:
        """What the page says of the file, and after which time."""
        start = time.monotonic()
        body, kind = multipart(self.token, data)
        request = Request(self.address + UPLOADS, body, kind)  # noqa: S310 (an address on this machine)
        try:
            with self._opener.open(request, timeout=LONGEST) as answer:
                page = answer.read().decode()
        except HTTPError as error:
            page = error.read().decode()
        except (URLError, OSError) as error:
            return f"NO ANSWER after {time.monotonic() - start:.1f} s ({error})"
        told = search(r'class="field-error"[^>]*>(?s:<svg.*?</svg>)?([^<]*)', page)
        sentence = told[1].strip()[:60] if told else "-"
        return f"{time.monotonic() - start:.1f} s: {sentence}"


class Watch:
    """Asks for a page again and again, and remembers the longest wait."""

    def __init__(self, officer: Officer) -> None:
        self.officer, self.longest, self.ended = officer, {"/healthz": 0.0, "/home/": 0.0}, threading.Event()

    def run(self, path: str) -> None:
        """Until `ended`. What has not been answered when the watch ends counts as long as it waited."""
        while not self.ended.is_set():
            start = time.monotonic()
            try:
                visitor = Visitor(self.officer.address) if path == "/healthz" else self.officer
                visitor.get(path, timeout=LONGEST)
            except OSError:  # given up after LONGEST, which counts
                pass
            finally:
                self.longest[path] = max(self.longest[path], time.monotonic() - start)
            time.sleep(0.05)


@contextmanager
def watching(officer: Officer) -> Iterator[Watch]:
    """A watch over both pages while something is done."""
    watch = Watch(officer)
    threads = [threading.Thread(target=watch.run, args=[path]) for path in watch.longest]
    for thread in threads:
        thread.start()
    try:
        yield watch
    finally:
        watch.ended.set()
        for thread in threads:
            thread.join()


def attack(address: str) -> float:
    """Print each attack's figures; the longest wait for a page in seconds, infinite if an upload got no answer."""
    officer = Officer(address)
    officer.sign_in()
    worst = 0.0
    print(f"{'':32} {'/healthz':>9} {'a page':>9}  the officer", flush=True)

    def report(name: str, watch: Watch, told: str) -> None:
        nonlocal worst
        healthz, page = watch.longest.values()
        print(f"{name:32} {healthz:7.2f} s {page:7.2f} s  {told}", flush=True)
        worst = max(worst, healthz, page, float("inf") if "NO ANSWER" in told else 0)

    with watching(officer) as watch:
        time.sleep(5)
    report("nothing, 5 s", watch, "")
    for name, data in FILES.items():
        with watching(officer) as watch:
            told = officer.upload(data)
        report(f"{name} ({len(data):,} bytes)", watch, told)
    with watching(officer) as watch, ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(officer.upload, list(FILES.values()) * 3))
    missing = [answer for answer in answers if "NO ANSWER" in answer]
    report(f"{len(answers)} files, 12 at once", watch, missing[0] if missing else f"{len(answers)} answers")
    return worst


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", nargs="?")
    parser.add_argument("--bound", type=float, default=5.0)
    options = parser.parse_args()
    if options.address:
        worst = attack(options.address)
    else:
        with tempfile.TemporaryDirectory() as folder:
            demo = Demo(Path(folder) / "var")
            try:
                demo.begin()
                wait_for(lambda: "Ctrl-C" in demo.said(), 900)
                worst = attack(demo.address)
            finally:
                demo.stop()
    print(f"longest wait {worst:.2f} s, bound {options.bound:.2f} s")
    return int(worst > options.bound)


if __name__ == "__main__":
    sys.exit(main())
