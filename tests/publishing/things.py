"""What is published, for the table of addresses (tests/world.py)."""

from functools import cached_property

from django.urls import resolve

from gonghui.publishing.articles.preview import preview_path
from gonghui.publishing.models import Article, Download, DownloadVersion
from tests.people import Cast
from tests.publishing.stories import picture, published, uploaded_file


class PublishedThings:
    """An article, its parts, and a file; each is made when a row first needs it."""

    cast: Cast

    @cached_property
    def article(self) -> Article:
        return published(self.cast)

    @cached_property
    def news(self) -> list[str]:
        return [self.article.section, str(self.article.slug)]

    @cached_property
    def revision(self) -> list[int]:
        return [self.article.pk, 1]

    @cached_property
    def preview(self) -> str:
        return resolve(preview_path(self.article.head)).kwargs["token"]

    @cached_property
    def rendition(self) -> list[object]:
        return [picture(self.cast).key, 480, "webp"]

    @cached_property
    def published_file(self) -> Download:
        return uploaded_file(self.cast)

    @cached_property
    def file_version(self) -> DownloadVersion:
        return self.published_file.versions.get()
