"""How large the city is, and what each of its unions is like: the same for the same seed and day, union by union."""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from random import Random

from django.utils import timezone

from gonghui.unions.models import UnionState

TYPICAL = 20
"""Members of the union in the middle; the mean is the plan's, and lies above it."""

LARGEST, GIANT = 50_000, 3.9
"""No union is larger, however skewed: its people are in memory at once. One in twenty thousand, beyond so many standard
deviations, is as large as this, or holds a twentieth of a smaller city.
"""

LEAVING, WATCHED, ENDED = 0.03, 3_000, (5, 14)
"""About so many of a union's members have left, of a larger one as of one of this size; a dissolved one had so many."""

RETAINED = 0.01
"""Of so many of a larger union's members the membership is retained."""

STATES = (
    (UnionState.APPROVED, 0.905),
    (UnionState.PENDING, 0.04),
    (UnionState.RETURNED, 0.02),
    (UnionState.UNFILED, 0.015),
    (UnionState.DISSOLVED, 0.02),
)

OLDEST, YEAR = 690, 365
"""Days since the first union registered; and the days in which most of the story happens."""


@dataclass(frozen=True)
class Plan:
    """``members`` in ``unions``. ``favoured``: codes of level-3 superiors that have many of them, for somebody looks there."""

    members: int
    unions: int
    seed: int = 1
    favoured: Collection[str] = ()
    midnight: datetime = field(
        default_factory=lambda: timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    )

    def __post_init__(self) -> None:
        if not (self.members >= 1 and self.unions >= 1):
            raise ValueError("a city has at least one union and one member")

    def chance(self, about: str, number: int) -> Random:
        """The dice for one subject of one union: whatever else is invented, they fall the same."""
        return Random(f"{self.seed}:{about}:{number}")  # noqa: S311 (invented people need no secret)

    def state(self, number: int) -> str:
        """What has become of a union."""
        dice = self.chance("state", number).random()
        for state, share in STATES:
            dice -= share
            if dice < 0:
                return state
        return UnionState.APPROVED

    def sizes(self) -> Iterator[int]:
        """Members of each union in its order, none where it is not approved; together just as many as there are to be."""
        whole, before = math.fsum(self._weights()), 0
        if not whole:
            raise ValueError("no union of so few is approved: take more unions, or another seed")
        sum_ = 0.0
        for weight in self._weights():
            sum_ += weight
            upto = round(self.members * sum_ / whole)
            yield upto - before
            before = upto

    def leavers(self, number: int, size: int) -> int:
        """How many were in a union and are in none any more, if it is not too young for it."""
        if self.state(number) == UnionState.DISSOLVED:
            return self.chance("ended", number).randint(*ENDED)
        chance = self.chance("left", number)
        return int(2 * LEAVING * min(size, WATCHED) * chance.random() + chance.random()) if size else 0

    def retained(self, number: int, size: int) -> int:
        """Of how many of a union's members the membership is retained."""
        return int(2 * RETAINED * size * self.chance("retained", number).random())

    @property
    def most_leavers(self) -> int:
        """More than there are in all unions."""
        return int(2 * LEAVING * self.members) + (ENDED[1] + 1) * self.unions

    def _weights(self) -> Iterator[float]:
        """Log-normal: most unions are small, a few very large."""
        for number in range(self.unions):
            if self.state(number) != UnionState.APPROVED:
                yield 0.0
            else:
                deviation = self.chance("size", number).gauss(0, 1)
                yield self._largest if deviation > GIANT else TYPICAL * math.exp(self._skew * deviation)

    @property
    def _largest(self) -> float:
        return min(LARGEST, self.members / 20)

    @cached_property
    def _skew(self) -> float:
        """By which the mean of a log-normal lies as far above its middle as the plan's mean above TYPICAL."""
        return math.sqrt(2 * math.log(min(max(self.members / self.unions / TYPICAL, 1.3), 8)))


class Clock:
    """Moments in office hours, all before today, in the time zone of the plan's midnight: so `date` is the local day."""

    def __init__(self, midnight: datetime) -> None:
        self.midnight = midnight
        self._last = midnight - timedelta(hours=6)

    def at(self, days: float, chance: Random, *, since: date = date.min) -> datetime:
        """On a working day so many days ago or just before, yesterday at the latest; on a weekend where it began only then."""
        day = self.midnight - timedelta(days=max(1, int(days)))
        friday = day - timedelta(days=max(0, day.weekday() - 4))
        day = friday if friday.date() >= since else day
        return day + timedelta(hours=chance.choices(range(8, 18), _BUSY)[0], seconds=chance.randrange(3600))

    def after(self, moment: datetime, days: float, chance: Random) -> datetime:
        """Returns the time ``days`` later, at least a moment later, and yesterday evening at the latest."""
        later = self.at((self.midnight - moment) / timedelta(days=1) - days + 1, chance)
        if later <= moment:
            later = moment + timedelta(seconds=chance.randrange(300, 3600))
        return min(later, max(self._last, moment + timedelta(seconds=60)))

    def days_since(self, moment: datetime) -> int:
        """0 is today."""
        return (self.midnight.date() - moment.date()).days


_BUSY = (1, 6, 8, 6, 2, 4, 7, 7, 5, 1)
"""How much is done from eight to five, hour by hour."""
