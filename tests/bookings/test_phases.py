"""A phase as a condition of the database is the phase that a programme says of itself."""

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.bookings.models import Programme
from gonghui.bookings.phases import in_phase, next_step
from gonghui.bookings.states import Phase

pytestmark = pytest.mark.django_db


def test_every_phase_is_found_and_each_programme_in_one(cast):
    now, today = timezone.now(), localdate()
    at = [now + timedelta(days=days) for days in (-3, -2, -1, 1, 2, 3)]
    made = []
    for first in range(4):
        publishes, opens, deadline = at[first : first + 3]
        for collects, days in product(
            (None, deadline - 0.6 * (deadline - opens)), ((None, None), (-5, -4), (-1, 1), (2, 3))
        ):
            begins, ends = (today + timedelta(days=day) if day is not None else None for day in days)
            made.append(
                Programme(
                    publisher=cast.district, title="一", kind="checkup", created_by=cast.district_admin,
                    published_by=cast.district_admin, publishes_at=publishes, opens_at=opens, deadline=deadline,
                    collects_until=collects, allocation="draw" if collects else "first_come", begins_on=begins,
                    ends_on=ends,
                )
            )  # fmt: skip
    made.append(Programme(publisher=cast.district, title="草", kind="checkup", created_by=cast.district_admin))
    Programme.objects.bulk_create(made)
    Programme.objects.filter(title="一").update(state="published")
    seen = set()
    for programme in Programme.objects.all():
        phases = [phase for phase in Phase if Programme.objects.filter(in_phase(phase, now), pk=programme.pk).exists()]
        assert phases == [programme.phase_at(now)]
        seen |= set(phases)
        assert next_step(programme, now)
    assert seen >= set(Phase) - {Phase.CANCELLED}
