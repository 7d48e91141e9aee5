"""RSS of each section, the city's and those of districts and bureaus: its newest articles, with their summaries."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.urls import reverse
from django.views.decorators.http import require_GET

from gonghui.publishing.models import Article, ArticleQuerySet, LocalSection, Section
from gonghui.publishing.queries import listed

ITEMS = 20


class _NewestFeed(Feed):
    language = "zh-CN"

    def item_title(self, item: Article) -> str:
        return item.live.title if item.live else ""

    def item_description(self, item: Article) -> str:
        return item.live.summary if item.live else ""

    def item_pubdate(self, item: Article) -> datetime | None:
        return item.published_at


class SectionFeed(_NewestFeed):
    """The newest articles of one section; in 区局动态 each says whose it is."""

    def get_object(self, request: HttpRequest, section: str) -> Section:
        return Section(section)

    def title(self, section: Section) -> str:
        return f"{settings.ENVIRONMENT.city}总工会 · {section.label}"

    def link(self, section: Section) -> str:
        return reverse("section", args=[section])

    def feed_url(self, section: Section) -> str:
        return reverse("feed", args=[section])

    def description(self, section: Section) -> str:
        return f"{settings.ENVIRONMENT.title}发布的{section.label}"

    def items(self, section: Section) -> ArticleQuerySet:
        return listed().filter(section=section)[:ITEMS]

    def item_title(self, item: Article) -> str:
        title = super().item_title(item)
        return f"{item.local.short}：{title}" if item.local else title


class LocalFeed(_NewestFeed):
    """The newest articles of one district or bureau; none of a closed section."""

    def get_object(self, request: HttpRequest, local: str) -> LocalSection:
        return LocalSection.objects.select_related("union").get(slug=local, is_open=True)

    def title(self, local: LocalSection) -> str:
        return str(local)

    def link(self, local: LocalSection) -> str:
        return local.get_absolute_url()

    def feed_url(self, local: LocalSection) -> str:
        return reverse("local_feed", args=[local.slug])

    def description(self, local: LocalSection) -> str:
        return f"{local}在{settings.ENVIRONMENT.title}发布的文章"

    def items(self, local: LocalSection) -> ArticleQuerySet:
        return listed().filter(local=local)[:ITEMS]


feed = login_not_required(require_GET(SectionFeed()))
local_feed = login_not_required(require_GET(LocalFeed()))
