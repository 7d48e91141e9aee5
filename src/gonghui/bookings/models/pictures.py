"""What a programme shows: pictures of it and of its venues, and documents to read (SPEC 6.1).

They are nobody's data: whoever sees the programme sees them, and nothing of them is sealed.
"""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Deferrable, Q
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.bookings.models.programmes import Programme, Venue
from gonghui.kit.pictures import RenditionColumns, RenditionType

MAX_PICTURES, MAX_DOCUMENTS = 12, 6
"""Of one programme at most, its venues' among them."""


class ShownQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ShownQuerySet":
        """Those of the programmes that the user sees: of a draft the publisher's own."""
        return self.filter(programme__in=Programme.objects.visible_to(user))


class Picture(models.Model):
    """A picture of a programme, or of one of its venues; its files are `Rendition`.

    ``order`` counts from one over the whole programme, without gaps, so that there cannot be more than MAX_PICTURES; the
    first is the cover. ``sha256`` is of the file that was uploaded: the same one is there once.
    """

    root: ClassVar[str] = "/bookings/pictures"

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="pictures", db_index=False)
    venue = models.ForeignKey(
        Venue, verbose_name="线路或地点", null=True, on_delete=models.PROTECT, related_name="pictures"
    )
    order = models.PositiveSmallIntegerField("次序")
    alt = models.TextField("图片说明")
    width = models.PositiveIntegerField("宽")
    height = models.PositiveIntegerField("高")
    sha256 = models.TextField()
    added_by = models.ForeignKey(
        User, verbose_name="上传人", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    added_at = models.DateTimeField("上传时间", db_default=Now())

    objects = ShownQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "order"], deferrable=Deferrable.IMMEDIATE, name="programme_picture_order_once"
            ),
            models.UniqueConstraint(fields=["programme", "sha256"], name="programme_picture_once"),
            models.CheckConstraint(
                condition=Q(order__range=(1, MAX_PICTURES)), name="programme_picture_order_in_range"
            ),
            models.CheckConstraint(condition=Q(alt__regex=r"\S"), name="programme_picture_has_alt"),
        ]

    def __str__(self) -> str:
        return self.alt

    @property
    def is_cover(self) -> bool:
        return self.order == 1


class Rendition(RenditionColumns):
    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["picture", "type", "width"], name="programme_rendition_once"),
            models.CheckConstraint(condition=Q(type__in=RenditionType.values), name="programme_rendition_type_known"),
        ]


class Document(models.Model):
    """A PDF that goes with a programme (行程单, 套餐说明), written anew from its pages. As of pictures, with its order."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="documents", db_index=False)
    order = models.PositiveSmallIntegerField("次序")
    title = models.TextField("名称")
    pages = models.PositiveIntegerField("页数")
    size = models.PositiveIntegerField("大小")
    content = models.BinaryField()
    sha256 = models.TextField()
    added_by = models.ForeignKey(
        User, verbose_name="上传人", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    added_at = models.DateTimeField("上传时间", db_default=Now())

    objects = ShownQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "order"], deferrable=Deferrable.IMMEDIATE, name="programme_document_order_once"
            ),
            models.UniqueConstraint(fields=["programme", "sha256"], name="programme_document_once"),
            models.UniqueConstraint(fields=["programme", "title"], name="programme_document_title_once"),
            models.CheckConstraint(
                condition=Q(order__range=(1, MAX_DOCUMENTS)), name="programme_document_order_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.title
