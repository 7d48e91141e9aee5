"""Numbered pages: how far one is walked to (kit/paging.py); what a list does by them is tested with the lists."""

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from gonghui.kit import paging
from gonghui.kit.paging import Page, paginate
from gonghui.notices.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def notices(cast, monkeypatch):
    """Sixty rows, of which thirty are counted and twenty walked to."""
    monkeypatch.setattr(paging, "COUNTED", 30)
    monkeypatch.setattr(paging, "WALKED", 20)
    Notice.objects.bulk_create(Notice(user=cast.officer, title=str(number)) for number in range(60))
    return Notice.objects.order_by("pk")


def page_of(rows, query: str) -> Page:
    return paginate(RequestFactory().get(f"/?{query}"), rows, order=["id"], size=10)


def shown(page: Page) -> list[int]:
    return [int(notice.title) for notice in page.rows]


def test_a_page_too_far_among_rows_that_are_not_counted_is_not_walked_to_and_says_so(notices):
    page = page_of(notices, "page=3")
    assert (page.asked, page.number, shown(page)) == (3, 2, list(range(10, 20)))
    assert "第 3 页太远" in render_to_string("includes/pages.html", {"page": page})
    near = page_of(notices, "page=2")
    assert (near.asked, near.number) == (0, 2)
    assert "太远" not in render_to_string("includes/pages.html", {"page": near})


def test_from_a_page_nearby_it_is_reached(notices):
    page = page_of(notices, "page=2")
    link = next(link for link in page.links if link.number == 3)
    third = page_of(notices, link.address[1:])
    assert (third.asked, shown(third)) == (0, list(range(20, 30)))


def test_no_link_leads_where_it_is_too_far(notices, monkeypatch):
    monkeypatch.setattr(paging, "COUNTED", 55)
    assert [link.number for link in page_of(notices, "page=1").links] == [1, 2, 3, 0]
    assert [link.number for link in page_of(notices, "page=2").links] == [1, 2, 3, 4, 0]
    few = Notice.objects.filter(pk__lte=notices[39].pk)
    assert [link.number for link in page_of(few, "").links] == [1, 2, 3, 4]


def test_counted_rows_are_walked_to_from_the_nearer_end(notices, monkeypatch):
    monkeypatch.setattr(paging, "COUNTED", 1000)
    page = page_of(notices, "page=6")
    assert (page.asked, shown(page)) == (0, list(range(50, 60)))
