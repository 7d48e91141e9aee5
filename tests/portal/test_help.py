"""Each page leads to its chapter of the operation manual (SPEC 7.5)."""

import pytest
from django.urls import get_resolver, reverse

from gonghui.portal.chapters import chapters
from gonghui.portal.help import CHAPTERS, ELSEWHERE

pytestmark = pytest.mark.django_db


def test_every_app_has_a_chapter_and_every_chapter_that_is_named_is_there():
    apps = {pattern.app_name for pattern in get_resolver().url_patterns if getattr(pattern, "app_name", None)}
    assert set(CHAPTERS) == apps
    assert set(CHAPTERS.values()) <= {chapter.slug for chapter in chapters()}


def test_a_page_leads_to_its_chapter_and_the_front_page_to_all(cast, client):
    client.force_login(cast.officer)
    assert f'href="{reverse("manual_chapter", args=["members"])}"' in client.get("/members/").text
    assert f'href="{reverse("manual")}"' in client.get("/home/").text


def test_a_page_that_another_chapter_is_about_leads_there(cast, client):
    assert set(ELSEWHERE.values()) <= set(CHAPTERS.values())
    client.force_login(cast.reviewer)
    assert f'href="{reverse("manual_chapter", args=["statistics"])}"' in client.get("/registers/unorganised/").text
