"""Unions, and their members, by the inspection of the year: what superiors choose by (SPEC 2.6, 3.9, 5.2)."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.inspections.models import Subject, Window
from gonghui.inspections.windows.actions import close_window
from gonghui.members.queries import Filters
from gonghui.unions.models import Union
from tests.factories import make_member, make_union
from tests.inspections.stories import confirmed, filled_in, opened

pytestmark = pytest.mark.django_db

TREE, LIST = "/unions/", "/members/"


@pytest.fixture
def ready(cast):
    for union in (cast.union, cast.neighbour, cast.far):
        filled_in(union, member_count=0)
        make_member(union)
    return cast


def unions(client, user, standing: str) -> set[str]:
    client.force_login(user)
    return {union.name for union in client.get(TREE, {"inspection": standing}).context["page"].rows}


def member_unions(client, user, standing: str) -> list[str]:
    cache.clear()
    client.force_login(user)
    page = client.get(LIST, {"q": Filters(inspection=standing).token(user)}).context["page"]
    assert page.total == len(page.rows)
    return [member.union.name for member in page.rows]


@pytest.mark.parametrize("subject", Subject.values)
def test_unions_and_members_are_chosen_by_the_open_inspection(ready, client, subject):
    window = opened(ready, subject=subject)
    confirmed(ready, window)
    for listed in (unions, member_unions):
        assert list(listed(client, ready.reviewer, f"{subject}-confirmed")) == [ready.union.name]
        assert set(listed(client, ready.reviewer, f"{subject}-unconfirmed")) == set()
        assert set(listed(client, ready.district_admin, f"{subject}-unconfirmed")) == {ready.neighbour.name}
        assert set(listed(client, ready.platform_admin, f"{subject}-unconfirmed")) == {
            ready.neighbour.name,
            ready.far.name,
        }


def test_the_other_inspection_has_nobody(ready, client):
    confirmed(ready, opened(ready, subject=Subject.MEMBERS))
    assert unions(client, ready.platform_admin, "organisations-confirmed") == set()
    assert unions(client, ready.platform_admin, "organisations-unconfirmed") == set()


def test_without_an_open_one_the_last_of_the_year_counts(ready, client):
    first = opened(ready)
    confirmed(ready, first)
    close_window(first, reason="提前完成", by=ready.platform_admin)
    assert unions(client, ready.platform_admin, "organisations-confirmed") == {ready.union.name}
    second = opened(ready)
    assert unions(client, ready.platform_admin, "organisations-confirmed") == set()
    confirmed(ready, second, ready.far)
    close_window(second, reason="提前完成", by=ready.platform_admin)
    assert unions(client, ready.platform_admin, "organisations-confirmed") == {ready.far.name}
    Window.objects.update(year=localdate().year - 1)
    assert unions(client, ready.platform_admin, "organisations-confirmed") == set()


def test_each_district_has_its_own_window(ready, client):
    ours, theirs = opened(ready, ready.district), opened(ready, ready.bureau)
    confirmed(ready, ours)
    confirmed(ready, theirs, ready.far)
    assert unions(client, ready.platform_admin, "organisations-confirmed") == {ready.union.name, ready.far.name}
    assert unions(client, ready.platform_admin, "organisations-unconfirmed") == {ready.neighbour.name}
    assert unions(client, ready.bureau_admin, "organisations-unconfirmed") == set()
    close_window(ours, reason="提前完成", by=ready.platform_admin)
    opened(ready, ready.district)
    assert unions(client, ready.platform_admin, "organisations-confirmed") == {ready.far.name}, "the newer one counts"


def test_a_union_registered_after_the_end_was_not_to_confirm(ready, client):
    close_window(opened(ready), reason="提前完成", by=ready.platform_admin)
    Union.objects.filter(pk=ready.neighbour.pk).update(created_at=timezone.now() + timedelta(days=2))
    assert unions(client, ready.district_admin, "organisations-unconfirmed") == {ready.union.name}


def test_the_condition_stands_in_chips_and_a_grassroots_union_has_none(ready, client):
    opened(ready)
    client.force_login(ready.district_admin)
    found = client.post(LIST, {"inspection": "organisations-unconfirmed"})["Location"]
    page = client.get(found)
    assert dict(page.context["chips"]) == {"年检：组织年检未确认": LIST}
    assert "存为常用筛选" in page.text
    client.force_login(ready.officer)
    assert "inspection" not in client.get(LIST).context["form"].fields


@pytest.mark.parametrize("path", [TREE, LIST])
def test_the_lists_ask_as_many_statements_for_100_rows_as_for_10(ready, client, path):
    opened(ready)
    for _ in range(110):
        make_member(make_union("grassroots", ready.street))
    client.force_login(ready.district_admin)
    counts = []
    query = {"inspection": "organisations-unconfirmed"}
    if path == LIST:
        query = {"q": Filters(**query).token(ready.district_admin)}
    for size in (10, 100):
        client.get(path, query | {"size": size})
        with CaptureQueriesContext(connection) as asked:
            assert len(client.get(path, query | {"size": size}).context["page"].rows) == size
        counts.append(len(asked))
    assert counts[0] == counts[1]
