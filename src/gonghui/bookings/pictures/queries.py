"""Pictures of programmes for pages: the covers of a list, the gallery of one programme. The contents stay where they are."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet

from gonghui.bookings.models import Picture, Programme, Rendition


@dataclass
class Gallery:
    """The pictures of a programme: what stands at the head of its page, and what beside each venue."""

    all: list[Picture] = field(default_factory=list)

    @property
    def head(self) -> list[Picture]:
        """The cover, whatever it shows, and what shows the whole programme."""
        return [one for one in self.all if one.is_cover or one.venue_id is None]

    def of(self, venue: int | None) -> list[Picture]:
        return [one for one in self.all if one.venue_id == venue]


def gallery(programme: Programme) -> Gallery:
    """By two statements."""
    return Gallery(list(drawable(Picture.objects.filter(programme=programme)).order_by("order")))


def covers(programmes: Collection[int]) -> dict[int, Picture]:
    """The first picture of each of these programmes that has any, by two statements."""
    return {one.programme_id: one for one in drawable(Picture.objects.filter(programme__in=programmes, order=1))}


def drawable(pictures: QuerySet[Picture]) -> QuerySet[Picture]:
    """With what `{% picture %}` draws of them."""
    return pictures.prefetch_related(Prefetch("renditions", Rendition.objects.defer("content")))
