"""Ten thousand group bookings by fifty windows at once: `python bench/places.py [--windows N] [--attempts N]` (SPEC 6.3).

Three unions' officers send groups of one to four for a few sessions, each window by a connection of its own
(tests/bookings/rush.py), and give up every tenth time what they have booked first. Printed are the outcomes and the time;
exits with 1 when an attempt has no outcome, or when what is taken is not what the rows say, or is more than there is.
"""

import sys
import time

import register

CAPACITIES = (120, 90, 60, 30)
MEMBERS = 300
"""Of each of three unions: more than twice as many as there are places."""


def main() -> int:
    """Fill, book, compare, print."""
    parser = register.parser(members=4_000)
    parser.add_argument("--windows", type=int, default=50)
    parser.add_argument("--attempts", type=int, default=200, help="of each window (200)")
    options = parser.parse_args()
    with register.opened(options) as filled:
        return 0 if _measure(filled, options.windows, options.attempts) else 1


def _measure(filled: register.Register, windows: int, attempts: int) -> bool:
    from gonghui.audit.models import Entry
    from gonghui.bookings.models import Booking, Place
    from gonghui.bookings.queries import wrong_counts
    from gonghui.bookings.states import HOLDING
    from tests.bookings.rush import DONE, REFUSALS, rush
    from tests.bookings.stories import published

    cast = filled.cast
    city = cast.platform_admin
    programme = published(cast, publisher=city.union, by=city, capacity=CAPACITIES)
    before = Booking.objects.count(), Entry.objects.filter(verb="booking.made").count()
    people = {
        by: [register.new_member(by.union).pk for _ in range(MEMBERS)]
        for by in (cast.officer, cast.neighbour_officer, cast.far_officer)
    }
    began = time.perf_counter()
    outcomes = rush(people, list(programme.sessions.all()), windows=windows, attempts=attempts)
    seconds = time.perf_counter() - began
    held = Place.objects.filter(programme=programme, state__in=HOLDING).count()
    taken = [(one.taken, one.capacity) for one in programme.sessions.all()]
    made = Booking.objects.count() - before[0], Entry.objects.filter(verb="booking.made").count() - before[1]
    print(
        f"{windows} windows x {attempts} groups in {seconds:.0f} s ({seconds / windows / attempts * 1000:.1f} ms each)"
    )
    for said, count in outcomes.most_common():
        print(f"   {count:6} {said}")
    print(f"   taken {taken}, rows {held}; bookings made, and on record: {made}")
    return (
        outcomes.total() == windows * attempts
        and {*outcomes} <= {DONE, *REFUSALS}
        and held == sum(count for count, _ in taken)
        and all(count <= capacity for count, capacity in taken)
        and made == (outcomes[DONE], outcomes[DONE])
        and wrong_counts() == []
    )


if __name__ == "__main__":
    sys.exit(main())
