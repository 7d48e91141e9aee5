"""What is published, for the table of addresses (tests/world.py)."""

from functools import cached_property

from django.core.files.base import ContentFile
from django.urls import resolve

from gonghui.publishing.articles.preview import preview_path
from gonghui.publishing.downloads.actions import create_download
from gonghui.publishing.models import Article, Download, DownloadVersion, LocalSection
from gonghui.unions.models import Union
from tests.people import Cast
from tests.publishing.stories import local_published, opened, picture, published, uploaded_file, workbook


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
    def local_section(self) -> LocalSection:
        """Open for `cast.district`."""
        return opened(self.cast)

    @cached_property
    def local(self) -> str:
        return self.local_section.slug

    @cached_property
    def unopened(self) -> Union:
        """To which the city has opened no section."""
        return self.cast.bureau

    @cached_property
    def local_union(self) -> int:
        return self.local_section.union_id

    @cached_property
    def local_article(self) -> Article:
        return local_published(self.cast)

    @cached_property
    def local_news(self) -> list[str]:
        article = self.local_article
        assert article.local
        return [article.local.slug, str(article.slug)]

    @cached_property
    def local_revision(self) -> list[int]:
        return [self.local_article.pk, 1]

    @cached_property
    def local_file(self) -> Download:
        assert self.local_section
        return create_download("报名表", "", ContentFile(workbook(), "a.xlsx"), by=self.cast.district_admin)

    @cached_property
    def local_version(self) -> DownloadVersion:
        return self.local_file.versions.get()

    @cached_property
    def published_file(self) -> Download:
        return uploaded_file(self.cast)

    @cached_property
    def file_version(self) -> DownloadVersion:
        return self.published_file.versions.get()
