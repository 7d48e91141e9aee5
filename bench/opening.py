"""The opening second: 500 officers book at once, through the real server: `python bench/opening.py [--requests N]` (SPEC 6.5).

Each request is a group of one to four, of a union and an officer of its own, on a connection of its own; they arrive evenly
within the second after the programme has opened. Rounds take turns with as many officers who open the programme's page in a
second. `gonghui serve` and a worker, which confirms the bookings, share the machine's processors with this script. Exits
with 1 when an answer is an error of the server (5xx) or none, when what is taken is not what the rows say, or when the
99th percentile of the bookings is more than three times that of the page.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen
from uuid import uuid4

import register

GOAL = 3
"""Times the page's 99th percentile."""
CAPACITIES = (400, 300, 200, 100)
"""Fewer places than the 1,250 people who want one."""
TOKEN = "a" * 32
PAGE_ROWS = 20
"""Members that the page may list."""
DAYS_APART = 10
LARGEST_GROUP = 4


@dataclass(frozen=True)
class Officer:
    """Signed in, with members of a union of his or her own."""

    session: str
    members: Sequence[int]


@dataclass(frozen=True)
class Answer:
    status: int
    seconds: float


def main() -> int:
    """Fill, serve, ask, print."""
    parser = register.parser(members=20_000)
    parser.add_argument("--requests", type=int, default=500, help="within the second (500)")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with register.opened(options) as filled:
        officers = _officers(options.requests)
        port = _free_port()
        environment = os.environ | {"PORT": str(port)}
        command = [sys.executable, "-m", "gonghui.config.cli"]
        processes = [subprocess.Popen([*command, name], env=environment) for name in ("serve", "worker")]
        try:
            _wait_for(port)
            return 0 if _measure(filled.cast, officers, port, options.rounds) else 1
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()


def _free_port() -> int:
    from tests.stack import free_port

    return free_port()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("the server does not answer")


def _officers(count: int) -> list[Officer]:
    """Of unions with the most members, which nobody has acted for yet."""
    from django.db.models import Count

    from gonghui.members.models import Member
    from tests.factories import make_users, new_user

    # By the members themselves: another bench may have moved them, without the counters.
    here = register.approved_unions().annotate(here=Count("members")).filter(here__gte=LARGEST_GROUP)
    unions = list(here.order_by("-here", "pk")[:count])
    if len(unions) < count:
        raise SystemExit(
            f"{len(unions)} unions have {LARGEST_GROUP} members: take fewer --requests, or another database"
        )
    users = make_users([new_user(union) for union in unions])
    officers = []
    for user in users:
        members = list(Member.objects.filter(union=user.union).order_by("pk").values_list("pk", flat=True))
        officers.append(Officer(_session(user), members))
    return officers


def _session(user: Any) -> str:
    """The key of a session that is in use."""
    from tests.test_scope import sign_in

    return sign_in(user)


def _measure(cast: Any, officers: Sequence[Officer], port: int, rounds: int) -> bool:
    from gonghui.bookings.queries import wrong_counts

    print(f"{len(officers)} requests in a second, {rounds} rounds; load {os.getloadavg()[0]:.1f}")
    told: dict[str, list[list[Answer]]] = {"page": [], "booking": []}
    right = True
    for number in range(-1, rounds):  # the first is not counted
        programme = _opening(cast, number + 1)
        pages = asyncio.run(_ask(port, [_page(programme, one) for one in officers]))
        bookings = asyncio.run(_ask(port, [_booking(programme, one, turn) for turn, one in enumerate(officers)]))
        right = right and _is_whole(programme)
        if number >= 0:
            told["page"].append(pages)
            told["booking"].append(bookings)
    slowest = {what: _told(what, answers) for what, answers in told.items()}
    ratio = slowest["booking"] / slowest["page"]
    broken = [
        one.status for answers in told.values() for each in answers for one in each if not 200 <= one.status < 500
    ]
    print(f"the booking's 99th percentile is {ratio:.2f} x the page's (goal {GOAL}); {len(broken)} 5xx or no answers")
    print(f"taken is what the rows say, in every round: {right and not wrong_counts()}")
    return ratio <= GOAL and not broken and right and not wrong_counts()


def _opening(cast: Any, number: int) -> Any:
    """A programme that opens now, with days of its own: behind all that are there."""
    from django.db.models import Max
    from django.utils import timezone
    from django.utils.timezone import localdate

    from gonghui.bookings.models import Programme, Session
    from tests.bookings.stories import SOON, drafted, publish_programme, session_of

    city = cast.platform_admin
    programme = drafted(cast, publisher=city.union, by=city, title=f"莫干山疗休养第{number + 1}批")
    last = Session.objects.aggregate(last=Max("ends_on"))["last"]
    first = max(SOON, last - localdate() + timedelta(days=1)) if last else SOON
    for turn, capacity in enumerate(CAPACITIES):
        after = first + timedelta(days=DAYS_APART * turn)
        session_of(programme, capacity=capacity, after=after, by=city)
    publish_programme(programme, by=city)
    now = timezone.now()
    Programme.objects.filter(pk=programme.pk).update(publishes_at=now - timedelta(hours=1), opens_at=now)
    return programme


def _page(programme: Any, officer: Officer) -> bytes:
    return _request("GET", f"/bookings/offers/{programme.pk}/", officer)


def _booking(programme: Any, officer: Officer, turn: int) -> bytes:
    """A group of one to four, for one of the sessions; every third takes as many as fit, every fifth waits."""
    sessions = list(programme.sessions.values_list("pk", flat=True))
    form = {
        "csrfmiddlewaretoken": TOKEN,
        "person": ",".join(map(str, officer.members[: 1 + turn % LARGEST_GROUP])),
        "session": sessions[turn // LARGEST_GROUP % len(sessions)],
        "mode": "as_many" if turn % 3 == 0 else "all",
        "key": str(uuid4()),
        "confirmed": "1",
    } | ({"waits": "on", "splittable": "on"} if turn % 5 == 0 else {})
    return _request("POST", f"/bookings/offers/{programme.pk}/book/", officer, urlencode(form))


def _request(method: str, path: str, officer: Officer, body: str = "") -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        f"Cookie: sessionid={officer.session}; csrftoken={TOKEN}",
        "Connection: close",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()


async def _ask(port: int, requests: Sequence[bytes]) -> list[Answer]:
    """All of them, evenly over a second."""
    start = time.perf_counter()

    async def one(number: int, request: bytes) -> Answer:
        await asyncio.sleep(start + number / len(requests) - time.perf_counter())
        began = time.perf_counter()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            answer = await reader.read()
            writer.close()
        except OSError:
            answer = b""
        return Answer(int(answer[9:12] or 0), time.perf_counter() - began)

    return await asyncio.gather(*(one(number, request) for number, request in enumerate(requests)))


def _is_whole(programme: Any) -> bool:
    from gonghui.bookings.models import Place
    from gonghui.bookings.states import HOLDING

    sessions = list(programme.sessions.all())
    held = Place.objects.filter(programme=programme, state__in=HOLDING).count()
    return held == sum(one.taken for one in sessions) and all(one.taken <= one.capacity for one in sessions)


def _told(what: str, rounds: Sequence[Sequence[Answer]]) -> float:
    """Prints a case; returns the median of its rounds' 99th percentiles."""
    slowest = [sorted(one.seconds for one in answers)[int(len(answers) * 0.99)] for answers in rounds]
    middle = [statistics.median(one.seconds for one in answers) for answers in rounds]
    statuses = Counter(one.status for answers in rounds for one in answers)
    print(
        f"   {what:8} p50 {statistics.median(middle) * 1000:5.0f} ms, p99 {statistics.median(slowest) * 1000:5.0f} ms "
        f"({', '.join(f'{one * 1000:.0f}' for one in slowest)}); {dict(sorted(statuses.items()))}"
    )
    return statistics.median(slowest)


if __name__ == "__main__":
    sys.exit(main())
