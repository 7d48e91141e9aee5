"""Fifty officers at once at mixed work, through the real server and worker: `python bench/officers.py` (F11).

`--officers N` (50), `--seconds S` (300). Nine of ten are officers of unions of every size, the largest among them; the others
review and search above them. Each opens pages, looks for people by name, edits a member, uploads a workbook of new members and
waits for its import, or decides what waits, and thinks for some seconds between two pages. A request is timed from its first
byte to the answer's last; redirects are requests of their own. Server, worker, PostgreSQL and this script share the machine.
Past days, which are closed at night, are not closed meanwhile.

Exits with 1 when an answer is an error (from 400 on) or none, when the 99th percentile is more than ten times the median, when
a statement takes more than five seconds, or when a process has grown by more than a quarter since the first fifth.
"""

import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urljoin
from urllib.request import HTTPRedirectHandler, Request, build_opener

import psutil
import psycopg
import register
import xlsxwriter
from lxml import html
from opening import TOKEN, _free_port, _session, _wait_for

GOAL, STATEMENT_SECONDS, GROWTH = 10, 5, 1.25
WAITS = 60
"""Seconds after which an answer is given up."""
CHANCE = random.SystemRandom()
THINKS, PATIENT = 4.0, 15.0
"""Seconds between two pages: the mean, and the most."""
IMPORT_SECONDS = 120
SUPERIORS = ("reviewer", "other_reviewer", "viewer", "district_admin", "platform_admin")
WORKBOOK_ROWS = 20
SURNAMES = ("王", "李", "张", "刘", "陈")
GIVEN = ("建国", "秀英", "志强")


@dataclass
class Log:
    """What everybody has been answered."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)

    def told(self) -> tuple[float, float]:
        """Prints a line for each act; returns the median and the 99th percentile of all."""
        everything = sorted(one for times in self.seconds.values() for one in times)
        for act, times in sorted(self.seconds.items()):
            print(f"   {act:18} {len(times):6}  p50 {_ms(times, 0.5)}, p95 {_ms(times, 0.95)}, p99 {_ms(times, 0.99)}")
        for one in self.wrong[:20]:
            print(f"   WRONG {one}")
        return _quantile(everything, 0.5), _quantile(everything, 0.99)


def _quantile(times: Sequence[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def _ms(times: Sequence[float], share: float) -> str:
    return f"{_quantile(times, share) * 1000:5.0f} ms"


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Person:
    """Somebody signed in, with a browser that keeps a page at a time."""

    def __init__(self, address: str, session: str, log: Log) -> None:
        self.address, self.log, self.page = address, log, html.fromstring("<p></p>")
        self._opener = build_opener(_Stay)
        self._opener.addheaders = [("Cookie", f"sessionid={session}; csrftoken={TOKEN}")]

    def get(self, act: str, path: str) -> bool:
        """Opens a page; whether it came."""
        return self._ask(act, Request(urljoin(self.address, path)))  # noqa: S310 (an address on this machine)

    def post(self, act: str, path: str, values: dict[str, Any]) -> bool:
        """Sends a form, and opens the page that follows."""
        body = urlencode(values | {"csrfmiddlewaretoken": TOKEN}, doseq=True).encode()
        return self._ask(act, Request(urljoin(self.address, path), body))  # noqa: S310

    def upload(self, act: str, path: str, data: bytes) -> bool:
        from tests.stack import multipart

        body, kind = multipart(TOKEN, data)
        return self._ask(act, Request(urljoin(self.address, path), body, kind))  # noqa: S310

    def form(self, action: str) -> tuple[str, dict[str, Any]] | None:
        """Of the page, the form whose address ends so: its address and what stands in it."""
        for form in self.page.forms:
            if (form.action or "").endswith(action):
                return form.action, dict(form.form_values())
        return None

    def links(self, part: str) -> list[str]:
        return [link for link in self.page.xpath("//main//a/@href") if part in link]

    def _ask(self, act: str, request: Request) -> bool:
        began, leads = time.monotonic(), ""
        try:
            with self._opener.open(request, timeout=WAITS) as answer:
                body = answer.read()
        except HTTPError as error:
            body, leads = error.read(), error.headers.get("Location", "")
            if error.code >= 400 or "/login/" in leads:
                self.log.wrong.append(f"{act}: {error.code} {request.full_url} {_error_in(body)}")
        except OSError as error:
            self.log.wrong.append(f"{act}: {error} {request.full_url}")
            body = b""
        self.log.seconds[act].append(time.monotonic() - began)
        if leads:
            return self.get("the page after a form", leads)
        self.page = html.fromstring(body or b"<p></p>")
        return bool(body)


def _error_in(body: bytes) -> str:
    found = html.fromstring(body or b"<p></p>").xpath('//*[contains(@class, "error")]')
    return " ".join(found[0].text_content().split())[:100] if found else ""


Act = Callable[[Person], object]


def officer_acts(members: Iterator[int], numbers: Iterator[int]) -> list[tuple[int, Act]]:
    """What an officer of a grassroots union does, and how often."""

    def edit(person: Person) -> None:
        pk = next(members, None)
        if pk and person.get("a form", f"/members/{pk}/edit/") and (found := person.form("/edit/")):
            _, values = found
            values["mobile"] = f"139{CHANCE.randrange(10**8):08}"
            person.post("a form sent", f"/members/{pk}/edit/", values)

    def upload(person: Person) -> None:
        person.get("an upload's page", "/imports/members/")
        person.upload("a workbook sent", "/imports/members/", _workbook(numbers))
        for _ in range(IMPORT_SECONDS // 2):
            if not person.page.xpath('//*[contains(@hx-get, "progress")]'):
                return
            time.sleep(2)
            person.get("an import's progress", "/imports/members/")
        person.log.wrong.append(f"an import has not ended within {IMPORT_SECONDS} s")

    def member(person: Person) -> None:
        if person.get("a list", "/members/") and (found := person.links("/members/")):
            rows = [link for link in found if link.split("/")[2].isdigit()]
            if rows:
                person.get("a page", CHANCE.choice(rows))

    return [
        (4, lambda person: person.get("home", "/home/")),
        (4, lambda person: person.get("a list", f"/members/?page={CHANCE.randint(1, 3)}")),
        (2, lambda person: person.get("a list", "/members/?sort=name")),
        (4, lambda person: person.post("a search", "/members/", {"name": CHANCE.choice(SURNAMES)})),
        (4, member),
        (3, edit),
        (1, lambda person: person.get("a list", "/cards/")),
        (1, lambda person: person.get("a list", "/notices/")),
        (1, lambda person: person.get("a page", "/inspections/")),
        (1, lambda person: person.get("a list", "/bookings/")),
        (1, upload),
    ]


def superior_acts(*, decides: bool) -> list[tuple[int, Act]]:
    """What a street, a district or the city does."""

    def decide(person: Person) -> None:
        if not person.get("a list", "/reviews/") or not (found := person.links("/reviews/")):
            return
        rows = [link for link in found if link.split("/")[2].isdigit()]
        if rows and person.get("a page", CHANCE.choice(rows)) and decides and (form := person.form("/decide/")):
            person.post("a decision", form[0], form[1] | {"decision": "approved", "opinion": "同意"})

    return [
        (4, lambda person: person.get("home", "/home/")),
        (6, decide),
        (2, lambda person: person.post("a wide search", "/members/", {"name": CHANCE.choice(SURNAMES)})),
        (2, lambda person: person.post("a wide search", "/members/", {"name": CHANCE.choice(GIVEN)})),
        (2, lambda person: person.post("a wide search", "/cards/holders/", {"name": CHANCE.choice(SURNAMES)})),
        (
            2,
            lambda person: person.get("a wide search", f"/unions/?q={quote('有限公司')}") and None,
        ),
        (2, lambda person: person.get("a list", "/unions/")),
        (1, lambda person: person.get("a page", "/statistics/")),
        (1, lambda person: person.get("a page", "/inspections/")),
    ]


def _workbook(numbers: Iterator[int]) -> bytes:
    from tests.workbooks import HEADINGS, member_row

    with SpooledTemporaryFile() as file:
        with xlsxwriter.Workbook(file) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, HEADINGS)
            for row in range(1, WORKBOOK_ROWS + 1):
                sheet.write_row(row, 0, member_row(next(numbers)))
        file.seek(0)
        return file.read()


def _works(person: Person, acts: list[tuple[int, Act]], until: float) -> None:
    """Does one thing after the other, until the time is over."""
    weights = [weight for weight, _ in acts]
    time.sleep(CHANCE.uniform(0, THINKS))
    while time.monotonic() < until:
        (_, act), *_ = CHANCE.choices(acts, weights)
        act(person)
        time.sleep(min(CHANCE.expovariate(1 / THINKS), PATIENT))


class Watch:
    """Memory of each process, and the oldest statement."""

    def __init__(self, owner_url: str, processes: Sequence[subprocess.Popen]) -> None:
        self.url, self.processes, self.ended = owner_url, processes, threading.Event()
        self.memory: dict[str, list[int]] = defaultdict(list)
        self.oldest, self.statement = 0.0, ""

    def run(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as owner:
            for turn in count():
                row = owner.execute(_OLDEST).fetchone()
                if row and row[0] > self.oldest:
                    self.oldest, self.statement = row
                if turn % 10 == 0:
                    self._weigh()
                if self.ended.wait(0.5):
                    return

    def _weigh(self) -> None:
        for process in self.processes:
            top = psutil.Process(process.pid)
            for one in (top, *top.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):  # the child of an import, which has ended
                    self.memory[f"{top.cmdline()[-1]} {one.pid}"].append(one.memory_info().rss)

    def grown(self, seconds: int) -> list[str]:
        """Prints each process that was there all the time; returns those that have grown."""
        lasting = {name: sizes for name, sizes in self.memory.items() if len(sizes) > seconds // 5 * 0.8}
        grown = []
        for name, sizes in lasting.items():
            first = max(sizes[: max(1, len(sizes) // 5)])
            last = statistics.median(sizes[-max(1, len(sizes) // 10) :])
            print(f"   {name}: {first >> 20} MB in the first fifth, {int(last) >> 20} MB at the end")
            if last > first * GROWTH:
                grown.append(name)
        return grown


_OLDEST = """
SELECT extract(epoch FROM clock_timestamp() - query_start)::float8, query FROM pg_stat_activity
WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND query !~* 'vacuum'
ORDER BY query_start LIMIT 1
"""


def _people(cast: Any, officers: int, address: str, log: Log) -> Iterator[tuple[Person, list[tuple[int, Act]]]]:
    from gonghui.members.models import Member
    from tests.factories import make_users, new_user

    superiors = [getattr(cast, SUPERIORS[turn % len(SUPERIORS)]) for turn in range(officers // 10)]
    for user in superiors:
        acts = superior_acts(decides=user.email != cast.viewer.email)
        yield Person(address, _session(user), log), acts
    sizes = register.approved_unions().filter(member_count__gte=20).order_by("-member_count", "pk")
    total = sizes.count()
    places = [
        int(total * (turn / officers) ** 3) for turn in range(officers - len(superiors))
    ]  # many of the large ones
    unions = [sizes[place] for place in places]
    numbers = count(register.STRANGERS + int(time.time()) % 10_000_000 * 4)
    for user in make_users([new_user(union) for union in unions]):
        members = Member.objects.filter(union=user.union).order_by("pk").values_list("pk", flat=True)[:200]
        yield Person(address, _session(user), log), officer_acts(iter(list(members)), numbers)


def main() -> int:
    """Fill, serve, work, print."""
    parser = register.parser(members=20_000)
    parser.add_argument("--officers", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=300)
    options = parser.parse_args()
    with register.opened(options) as filled, psycopg.connect(filled.owner_url, autocommit=True) as owner:
        _hold_closings(owner)
        port, log = _free_port(), Log()
        people = list(_people(filled.cast, options.officers, f"http://127.0.0.1:{port}", log))
        command = [sys.executable, "-m", "gonghui.config.cli"]
        environment = os.environ | {"PORT": str(port)}
        processes = [subprocess.Popen([*command, name], env=environment) for name in ("serve", "worker")]
        try:
            _wait_for(port)
            watch = Watch(filled.owner_url, processes)
            _work(people, watch, options.seconds)
        finally:
            for process in processes:
                for one in (*psutil.Process(process.pid).children(recursive=True), process):
                    one.kill()  # a job may wait for a closing
    return _verdict(log, watch, options)


def _hold_closings(owner: psycopg.Connection) -> None:
    """Those that begin wait until this connection ends."""
    from gonghui.statistics import closing

    owner.execute("SELECT pg_advisory_lock(%s)", [closing._LOCK])


def _work(people: Sequence[tuple[Person, list[tuple[int, Act]]]], watch: Watch, seconds: int) -> None:
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=_works, args=[*one, until], daemon=True) for one in people]
    watching = threading.Thread(target=watch.run, daemon=True)
    for thread in (watching, *threads):
        thread.start()
    for (person, _), thread in zip(people, threads, strict=True):
        thread.join(max(0, until + IMPORT_SECONDS + WAITS - time.monotonic()))
        if thread.is_alive():
            person.log.wrong.append("somebody has not come to an end")
    watch.ended.set()
    watching.join(WAITS)


def _verdict(log: Log, watch: Watch, options: Any) -> int:
    requests = sum(map(len, log.seconds.values()))
    print(f"{options.officers} officers, {options.seconds} s, {requests} requests; load {os.getloadavg()[0]:.1f}")
    median, late = log.told()
    grown = watch.grown(options.seconds)
    print(
        f"p50 {median * 1000:.0f} ms, p99 {late * 1000:.0f} ms: {late / median:.1f} x (goal {GOAL}); {len(log.wrong)} errors"
    )
    print(f"oldest statement {watch.oldest:.1f} s: {' '.join(watch.statement.split())[:200]}")
    print(f"processes that have grown: {', '.join(grown) or 'none'}")
    return 1 if log.wrong or late > GOAL * median or watch.oldest > STATEMENT_SECONDS or grown else 0


if __name__ == "__main__":
    sys.exit(main())
