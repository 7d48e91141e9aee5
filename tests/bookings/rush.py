"""Fifty officers' windows at the same moment, each by a connection of its own: groups of one to four, for a few sessions.

Each window gives up every tenth time what it has booked first, so that places become free, are offered and are fought for
until the end. What it asks for is told by its number: the same rush comes again.
"""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import uuid4

from django.db import OperationalError, connection

from gonghui.accounts.models import User
from gonghui.bookings.models import Booking, Place, Session
from gonghui.bookings.places.actions import book_group, withdraw_places
from gonghui.bookings.places.people import Person
from gonghui.kit.errors import Refused
from tests.factories import live

LARGEST = 4
GIVES_UP_EVERY = 10
DONE = "done"
REFUSALS = ("已经约满", "个名额", "在这个项目中预约", "刚刚由另一份预约", "已经退出")
"""What is told to who is not booked: no room, too little, more people than the session has, booked before, or just now."""


@dataclass
class Window:
    """What one officer does, one after the other."""

    number: int
    by: User
    members: Sequence[int]
    sessions: Sequence[Session]
    outcomes: Counter[str] = field(default_factory=Counter)
    booked: list[int] = field(default_factory=list)

    def run(self, attempts: int) -> None:
        """Asks for so many groups."""
        chance = Random(self.number)
        try:
            for attempt in range(attempts):
                self._book(chance)
                if attempt % GIVES_UP_EVERY == GIVES_UP_EVERY - 1 and self.booked:
                    self._withdraw(self.booked.pop(0))
        except Exception as error:  # noqa: BLE001 (which the counts tell)
            self.outcomes[repr(error)] += 1
        finally:
            connection.close()

    def _book(self, chance: Random) -> None:
        people = [Person(pk) for pk in chance.sample(self.members, chance.randint(1, LARGEST))]
        session, waits, key = chance.choice(self.sessions), chance.random() < 0.2, uuid4()
        form = {"mode": chance.choice(["all", "as_many"]), "waits": waits, "splittable": waits, "key": key}
        made = self._answered(lambda: book_group(session, people, **form, by=self.by))
        if made:
            self.booked.append(made.pk)

    def _withdraw(self, booking: int) -> None:
        ids = list(Place.objects.filter(booking=booking).values_list("pk", flat=True))
        self._answered(lambda: withdraw_places(ids, by=self.by), counted=False)

    def _answered(self, act: Any, *, counted: bool = True) -> Booking | Any:
        """Sends the same form again while the server has no connection to spare."""
        while True:
            try:
                result = act()
            except Refused as refusal:
                said = next((one for one in REFUSALS if one in refusal.sentence), refusal.sentence)
                self.outcomes[said] += counted
                return None
            except OperationalError as error:
                if error.__cause__ is not None and getattr(error.__cause__, "sqlstate", None) == "40P01":
                    raise  # a deadlock is a fault
                connection.close()
            else:
                self.outcomes[DONE] += counted
                return result


def rush(officers: dict[User, Sequence[int]], sessions: Sequence[Session], *, windows: int, attempts: int) -> Counter:
    """So many windows of these officers, in turn, each with its union's members. Returns how often each outcome came."""
    turn = list(officers.items())
    open_ = [
        Window(number, live(by), members, sessions)
        for number in range(windows)
        for by, members in [turn[number % len(turn)]]
    ]
    start = threading.Barrier(windows)

    def run(window: Window) -> None:
        start.wait()
        window.run(attempts)

    threads = [threading.Thread(target=run, args=[window]) for window in open_]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum((window.outcomes for window in open_), Counter())
