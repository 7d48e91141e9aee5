"""RSS of each section: its newest articles, with their summaries."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.urls import reverse
from django.views.decorators.http import require_GET

from gonghui.publishing.models import Article, ArticleQuerySet, Section
from gonghui.publishing.queries import listed

ITEMS = 20


class SectionFeed(Feed):
    """The newest articles of one section."""

    language = "zh-CN"

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
        return item.live.title if item.live else ""

    def item_description(self, item: Article) -> str:
        return item.live.summary if item.live else ""

    def item_pubdate(self, item: Article) -> datetime | None:
        return item.published_at


feed = login_not_required(require_GET(SectionFeed()))
