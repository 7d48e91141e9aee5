"""News of the city on the public pages (SPEC 1.1)."""

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone


class NewsQuerySet(models.QuerySet):
    def published(self) -> "NewsQuerySet":
        return self.filter(published_at__lte=timezone.now(), withdrawn=False)

    def newest(self) -> "NewsQuerySet":
        """Returns pinned news first, then the newest."""
        return self.order_by("-pinned", "-published_at", "-id")


class News(models.Model):
    title = models.TextField("标题")
    body = models.TextField("正文")
    published_at = models.DateTimeField("发布时间", null=True)
    pinned = models.BooleanField("置顶", default=False)
    withdrawn = models.BooleanField("撤下", default=False)
    created_at = models.DateTimeField(db_default=Now())

    objects = NewsQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-pinned", "-published_at"], name="news_newest")]

    def __str__(self) -> str:
        return self.title
