"""The public page of lots: numbers without names, from which ten lines draw again (SPEC 6.5)."""

import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gonghui.bookings.draws.actions import close_list
from gonghui.bookings.models import Draw, DrawLine, Place, Programme
from gonghui.bookings.programmes.desk import work
from tests.bookings.stories import booked, published

pytestmark = pytest.mark.django_db

CHAPTER = settings.PACKAGE / "portal" / "manual" / "bookings.md"


def at(name: str, row) -> str:
    return reverse(f"bookings:{name}", args=[row.pk])


@pytest.fixture
def programme(cast) -> Programme:
    """The district's; three groups are collected."""
    programme = published(
        cast, publisher=cast.district, by=cast.district_admin, allocation="draw", capacity=2,
        collects_until=timezone.now() + timedelta(days=10),
    )  # fmt: skip
    for officer, people in ((cast.officer, 1), (cast.officer, 1), (cast.neighbour_officer, 1)):
        booked(officer, programme, people)
    return programme


def over(programme: Programme) -> None:
    Programme.objects.filter(pk=programme.pk).update(collects_until=timezone.now() - timedelta(minutes=1))


def test_before_the_draw_the_digest_of_the_seed_is_shown_and_not_the_seed(client, programme):
    page = client.get(at("draw", programme)).text
    draw = Draw.objects.get()
    assert draw.seed_digest in page
    assert "抽签后公布" in page
    assert client.get(at("draw_list", programme)).status_code == 404


def test_who_manages_it_draws_once_when_the_list_is_closed(client, cast, programme):
    client.force_login(cast.district_admin)
    assert at("draw_run", programme) not in client.get(at("draw", programme)).text
    assert "到时才能抽签" in client.post(at("draw_run", programme), follow=True).text
    over(programme)
    (to_draw, *_) = work(cast.district_admin)
    assert list(to_draw.rows) == [programme]
    assert at("draw_run", programme) in client.get(at("draw", programme)).text
    assert "已抽签" in client.post(at("draw_run", programme), follow=True).text
    assert "只抽一次" in client.post(at("draw_run", programme), follow=True).text
    assert not list(next(iter(work(cast.district_admin))).rows)


def test_ten_lines_of_the_manual_draw_the_same_again_from_the_published_page(client, cast, programme, tmp_path):
    over(programme)
    client.force_login(cast.district_admin)
    client.post(at("draw_run", programme))
    client.logout()
    page = client.get(at("draw", programme)).text
    draw = Draw.objects.get()
    names = Place.objects.values_list("member__name", flat=True)
    assert not any(name in page for name in names)
    script = re.search(r"```python\n(.*?)```", CHAPTER.read_text(), re.DOTALL)[1]
    assert len([line for line in script.splitlines() if line]) == 10
    seed = re.search(r"\b[0-9a-f]{64}(?=（[^）]*抽签）)", page)[0]
    (tmp_path / "list.txt").write_bytes(b"".join(client.get(at("draw_list", programme)).streaming_content))
    (tmp_path / "draw.py").write_text(script)
    ran = subprocess.run(
        [sys.executable, "draw.py", seed, "list.txt"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    first, second, *lines = ran.stdout.splitlines()
    assert (first.split()[1], second.split()[1]) == (draw.seed_digest, draw.list_digest)
    shown = [line.split() for line in lines]
    kept = DrawLine.objects.select_related("booking").order_by("rank")
    assert shown == [[str(line.rank), line.booking.number, str(line.tier), line.lot] for line in kept]
    for _, number, _, lot in shown:
        assert number in page
        assert lot in page


def test_the_list_asks_no_more_for_many_than_for_few(client, cast, programme):
    over(programme)
    close_list(programme)

    def asked() -> int:
        client.get(at("draw", programme))
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(at("draw", programme)).context["page"].rows) == DrawLine.objects.count()
        return len(queries)

    few = asked()
    draw = Draw.objects.get()
    other = published(cast, publisher=cast.district, by=cast.district_admin, title="另一个", capacity=10)
    for _ in range(4):
        DrawLine.objects.create(draw=draw, booking=booked(cast.officer, other, 1), tier=1)
    assert asked() == few
