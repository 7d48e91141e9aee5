"""A programme of the district for a journey, in a running installation: published, open, with sessions of its own days."""

from datetime import timedelta
from types import SimpleNamespace

from gonghui.demo_data.cast import SUPERIORS
from tests.stack import Demo, gonghui

YANGPU = SUPERIORS[1].email


def publish(demo: Demo, title: str, capacities: list[int], *, in_days: int) -> None:
    """Each member may bring a guest. The sessions begin ``in_days`` from now, so that nobody is in another at that time."""
    _run(demo, f"publish_here({title!r}, {capacities!r}, {in_days})")


def close(demo: Demo, title: str) -> None:
    """As if its deadline had passed a minute ago."""
    _run(demo, f"close_here({title!r})")


def _run(demo: Demo, call: str) -> None:
    code = f"from tests.bookings import in_the_demo; in_the_demo.{call}"
    done = gonghui("manage", "shell", "--no-imports", "-c", code, env=demo.env | {"GONGHUI_DEMO": "1"})
    assert done.returncode == 0, done.stderr


# In a process of the installation's settings


def publish_here(title: str, capacities: list[int], in_days: int) -> None:
    from gonghui.accounts.models import User
    from gonghui.bookings.programmes.actions import publish_programme
    from tests.bookings.stories import drafted, opened, session_of

    by = User.objects.select_related("union").get(email=YANGPU)
    programme = drafted(
        SimpleNamespace(), publisher=by.union, by=by, rules=[("not_within_years", {"years": 3})], title=title,
        guests_max=1, guest_price=1500, contact="权益保障部 021-00000000",
        text="含往返大巴、食宿、保险。家属自费，与会员同住。",
    )  # fmt: skip
    for number, capacity in enumerate(capacities):
        session_of(programme, capacity=capacity, after=timedelta(days=in_days + 10 * number), by=by)
    publish_programme(programme, by=by)
    opened(programme)


def close_here(title: str) -> None:
    from django.utils import timezone

    from gonghui.bookings.models import Programme

    Programme.objects.filter(title=title).update(deadline=timezone.now() - timedelta(minutes=1))
