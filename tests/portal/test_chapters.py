"""The operation manual 「操作手册」: its chapters, its pages, and the one file (SPEC 1.1)."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from gonghui.portal.chapters import FOLDER, chapters
from tests.markup import markup


def test_every_chapter_in_the_folder_is_in_the_table_of_contents():
    assert {chapter.slug for chapter in chapters()} == {path.stem for path in FOLDER.glob("*.md")} - {"README"}


def test_every_picture_is_used_is_served_and_has_words():
    pictures = [picture for chapter in chapters() for picture in re.findall(r"<img [^>]+>", chapter.html)]
    paths = {re.search(r'src="/static/(manual/[^"]+)"', picture)[1] for picture in pictures}
    assert paths == {f"manual/{path.name}" for path in (FOLDER / "images").iterdir()}
    assert all(finders.find(path) for path in paths)
    assert all(re.search(r'alt="[^"]{3,}"', picture) for picture in pictures)
    assert all(re.search(r'width="\d{3,4}" height="\d{3,4}"', picture) for picture in pictures)


def test_contents_lead_to_every_chapter_and_section(client, db):
    page = client.get(reverse("manual")).text
    for chapter in chapters():
        address = reverse("manual_chapter", args=[chapter.slug])
        assert f'href="{address}"' in page
        shown = client.get(address).text
        for anchor, title in chapter.sections:
            assert f'href="{address}#{anchor}"' in page
            assert f'<h2 id="{anchor}">{title}</h2>' in shown


def test_chapters_follow_each_other(client, db):
    every = [reverse("manual_chapter", args=[chapter.slug]) for chapter in chapters()]
    assert len(every) > 2
    for before, address, after in zip([None, *every], every, [*every[1:], None], strict=False):
        page = markup(client.get(address))
        for relation, other in (("prev", before), ("next", after)):
            link = re.search(rf'rel="{relation}" href="([^"]+)"', page)
            assert (link and link[1]) == other


@pytest.mark.parametrize("slug", ["readme", "README", "members2", "images"])
def test_what_is_no_chapter_is_not_found(client, db, slug):
    assert client.get(reverse("manual_chapter", args=[slug])).status_code == 404


def test_the_whole_manual_stands_on_one_page_with_unique_anchors(client, db):
    page = client.get(reverse("manual_whole")).text
    for chapter in chapters():
        assert f'<h2 id="{chapter.slug}"' in page
        assert all(f'<h3 id="{anchor}">{title}</h3>' in page for anchor, title in chapter.sections)
    anchors = re.findall(r' id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    assert "data-print" in page


def test_the_one_file_needs_nothing_else(client, db, settings):
    response = client.get(reverse("manual_file"))
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["Content-Disposition"].endswith(".html")
    page = response.text
    assert page.count('src="data:image/png;base64,') == len(list((FOLDER / "images").iterdir()))
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert "url(" not in page
    for words in ("审核（上级工会）", f"v{settings.VERSION}", "021-00000000", "3 个工作日内回复", ".manual-text"):
        assert words in page


def test_a_link_to_another_chapter_leads_there(monkeypatch, tmp_path):
    (tmp_path / "README.md").write_text("1. [甲](one.md)\n2. [乙](two.md)\n")
    (tmp_path / "one.md").write_text("# 甲\n\n见[乙](two.md)和[别处](https://example.test/).\n")
    (tmp_path / "two.md").write_text("# 乙\n")
    monkeypatch.setattr("gonghui.portal.chapters.FOLDER", tmp_path)
    assert 'href="/manual/two/"' in chapters.__wrapped__()[0].html
    together = chapters.__wrapped__(together=True)[0].html
    assert 'href="#two"' in together
    assert 'href="https://example.test/"' in together
