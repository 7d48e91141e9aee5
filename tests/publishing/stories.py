"""Articles, pictures and editors for the tests of what is published."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from openpyxl import Workbook
from PIL import Image, ImageDraw

from gonghui.accounts.models import Role, User
from gonghui.publishing.articles.actions import Text, create_article, publish_article, save_text, submit_article
from gonghui.publishing.downloads.actions import create_download
from gonghui.publishing.local.actions import open_section
from gonghui.publishing.models import Article, Download, LocalSection, Picture, Section, Site
from gonghui.publishing.pictures.actions import add_picture
from gonghui.unions.models import Union
from tests.factories import make_user
from tests.people import Cast

BODY = "<p>各级工会走访慰问一线职工。</p>"


def colleague(cast: Cast) -> User:
    """A second editor of the city."""
    return make_user(cast.city, Role.ADMIN, name="市总审稿人")


def two_persons() -> None:
    """The city asks that who writes does not publish."""
    Site.objects.update_or_create(pk=1, defaults={"second_person": True})


def written(cast: Cast, title: str = "冬季送温暖走访启动", *, section: str = Section.NEWS, **text: Any) -> Article:
    """A draft of the platform administrator, saved."""
    article = create_article(section, title, by=cast.platform_admin)
    return save_text(article, Text(title, **{"body": BODY, **text}), version=article.version, by=cast.platform_admin)


def published(cast: Cast, title: str = "冬季送温暖走访启动", *, days_ago: int = 0, **more: Any) -> Article:
    article = written(cast, title, **more)
    article = publish_article(article, version=article.version, by=cast.platform_admin)
    if days_ago:
        Article.objects.filter(pk=article.pk).update(published_at=timezone.now() - timedelta(days=days_ago))
        article.refresh_from_db()
    return article


def submitted(cast: Cast) -> Article:
    two_persons()
    article = written(cast)
    return submit_article(article, version=article.version, by=cast.platform_admin)


def typed(article: Article, **changes: Any) -> Text:
    """The article's text, with changes."""
    head = article.head
    return replace(Text(head.title, head.summary, head.body, head.cover), **changes)


def opened(cast: Cast, union: Union | None = None, *, slug: str = "yangpu") -> LocalSection:
    """The section of ``union``, of the district if nothing is said; whoever asks first opens it."""
    union = union or cast.district
    found = LocalSection.objects.select_related("union").filter(union=union).first()
    return found or open_section(union, slug=slug, by=cast.platform_admin)


def local_colleague(cast: Cast) -> User:
    """A second editor of the district."""
    return make_user(cast.district, Role.ADMIN, name="区总审稿人")


def local_written(cast: Cast, title: str = "园区法律服务月启动", *, by: User | None = None, **text: Any) -> Article:
    """A draft of the district's administrator, or of ``by``, in its section."""
    by = by or cast.district_admin
    assert by.union
    opened(cast, by.union, slug={cast.district.pk: "yangpu", cast.bureau.pk: "jidian"}[by.union.pk])
    article = create_article(Section.LOCAL, title, by=by)
    return save_text(article, Text(title, **{"body": BODY, **text}), version=article.version, by=by)


def local_published(
    cast: Cast, title: str = "园区法律服务月启动", *, by: User | None = None, days_ago: int = 0, **text: Any
) -> Article:
    by = by or cast.district_admin
    article = local_written(cast, title, by=by, **text)
    article = publish_article(article, version=article.version, by=by)
    if days_ago:
        Article.objects.filter(pk=article.pk).update(published_at=timezone.now() - timedelta(days=days_ago))
    return Article.objects.select_related("local__union", "live", "head").get(pk=article.pk)


def workbook(words: str = "样张") -> bytes:
    """An Excel file."""
    book, written_to = Workbook(), BytesIO()
    book.active["A1"] = words
    book.save(written_to)
    return written_to.getvalue()


def uploaded_file(cast: Cast, title: str = "换届材料样张") -> Download:
    """A file for the public; published, unless the city asks for a second person."""
    return create_download(title, "供参考", ContentFile(workbook(), "a.xlsx"), by=cast.platform_admin)


def drawn(width: int = 1200, height: int = 800, kind: str = "JPEG", **saved: Any) -> bytes:
    """A picture file."""
    image = Image.new("RGB", (width, height), "#f5ead9")
    ImageDraw.Draw(image).rectangle((width // 4, height // 4, width // 2, height // 2), fill="#9c1c20")
    written_to = BytesIO()
    image.save(written_to, kind, **saved)
    return written_to.getvalue()


def picture(cast: Cast, alt: str = "走访现场") -> Picture:
    return add_picture(ContentFile(drawn(600, 400), "走访.jpg"), alt=alt, by=cast.platform_admin)
