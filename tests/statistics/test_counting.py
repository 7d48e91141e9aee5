"""The figures of any day are what really happened, member by member: the statement against a count in Python."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.statistics.counting import count
from gonghui.statistics.models import COUNTS, Basis, Closing, Figure
from tests.statistics.acts import Acts
from tests.statistics.brute import Brute, Key

pytestmark = pytest.mark.django_db

ACTS, DAYS, SPAN = 300, 25, 150
"""So many acts, counted for so many pairs of random days, within so many days."""


def counted(opening: date, day: date, former: Closing | None = None, basis: str = Basis.THEN) -> Closing:
    Closing.objects.filter(day=day, basis=basis).delete()
    closing = Closing.objects.create(day=day, opening_day=opening, basis=basis, counted_at=timezone.now(), digest=b"")
    count(closing, former)
    return closing


def figures(closing: Closing) -> dict[Key, Counter[str]]:
    rows = Figure.objects.filter(closing=closing).values_list("node", "superior", "dimension", "value", *COUNTS)
    return {row[:4]: Counter(dict(zip(COUNTS, row[4:], strict=True))) for row in rows}


@pytest.mark.parametrize("seed", [1, 2])
def test_figures_of_random_days_after_random_acts_are_what_a_count_of_each_member_says(cast, seed):
    random = Random(seed)
    first = localdate() - timedelta(days=SPAN)
    Acts(cast, random).live(first, SPAN - 1, ACTS)
    brute = Brute()
    moved = Counter()
    for _ in range(DAYS):
        day = first + timedelta(days=random.randrange(SPAN))
        opening = day - timedelta(days=random.randrange(1, 40))
        found, expected = figures(counted(opening, day)), brute.count(opening, day)
        assert {key: +found[key] for key in found} | {} == {key: +expected[key] for key in expected if +expected[key]}
        assert {key: found[key]["reclassified"] for key in found if found[key]["reclassified"]} == {
            key: counter["reclassified"] for key, counter in expected.items() if counter["reclassified"]
        }
        moved.update(found[cast.city.pk, None, "", ""])
    missing = {name for name in COUNTS if not moved[name]} - {"reclassified", "corrected"}
    assert not missing, f"never counted: {missing}"
