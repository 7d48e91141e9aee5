"""Scans attached to a request: rewritten by ``kit.sanitizing``, and sealed."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.attachments.hooks import REQUESTS
from gonghui.kit.sealing import SealedRow, opened, opened_bytes
from gonghui.reviews.models import Review
from gonghui.reviews.scans import ScanKind
from gonghui.unions.models import Union


class FileType(models.TextChoices):
    PDF = "pdf", "PDF"
    JPEG = "jpeg", "JPG"
    PNG = "png", "PNG"


class BundleQuerySet(models.QuerySet["Bundle"]):
    def visible_to(self, user: User) -> "BundleQuerySet":
        """Returns the bundles of visible requests, and the user's own drafts for the present union."""
        seen = Q(submitted_at=None, made_by=user, union=user.union_id)
        for request in REQUESTS.values():
            seen |= Q(request.visible(user))
        return self.filter(seen)

    def closed(self, before: datetime) -> "BundleQuerySet":
        """Returns the bundles whose requests have all ended before this time."""
        ended = Q()
        for request in REQUESTS.values():
            ended |= Q(request.closed(before))
        return self.filter(ended)


class Bundle(models.Model):
    """The attachments of one request: the draft of one user, until it is submitted with the request.

    ``kind`` is the code of a ReviewKind or of a ``hooks.PlainKind``, ``about`` the argument of its ``may_attach``. A
    request that is not a review (a transfer, a check at another hospital) has a foreign key to its bundle.
    """

    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField("类型")
    about = models.TextField(blank=True, default="")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(db_default=Now())
    review = models.OneToOneField(Review, null=True, on_delete=models.PROTECT, related_name="attachments")
    submitted_at = models.DateTimeField(null=True)

    objects = BundleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "made_by", "union", "kind", "about", condition=Q(submitted_at=None), name="bundle_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(review=None) | Q(submitted_at__isnull=False), name="bundle_of_a_review_submitted"
            ),
        ]
        indexes = [models.Index(fields=["made_at"], condition=Q(submitted_at=None), name="bundle_drafts")]


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: User) -> "AttachmentQuerySet":
        # Asked for each row at hand: as "in" every request of the city would be read for one attachment.
        bundles = Bundle.objects.visible_to(user)
        own = models.Exists(bundles.filter(pk=models.OuterRef("bundle")))
        kept = models.Exists(bundles.filter(kept__attachment=models.OuterRef("pk")))
        return self.filter(own | kept)

    def light(self) -> "AttachmentQuerySet":
        """Returns the rows without the contents, which may have megabytes."""
        return self.defer("content_sealed")


class Attachment(SealedRow):
    """One scan. Its contents are deleted some time after the request has ended; the row remains."""

    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="attachments")
    scan = models.TextField("材料", choices=ScanKind.choices)
    name_sealed = models.BinaryField(null=True)  # the uploaded file's name, which may contain a person's name
    content_sealed = models.BinaryField(null=True)
    type = models.TextField("格式", choices=FileType.choices)
    size = models.PositiveIntegerField("大小")  # bytes of the content
    pages = models.PositiveIntegerField("页数", null=True)
    width = models.PositiveIntegerField("宽", null=True)  # pixels
    height = models.PositiveIntegerField("高", null=True)
    sent_by = models.ForeignKey(User, verbose_name="上传人", on_delete=models.PROTECT, related_name="+", db_index=False)
    sent_at = models.DateTimeField("上传时间", db_default=Now())
    removed_at = models.DateTimeField("清除时间", null=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at=None, name_sealed__isnull=False, content_sealed__isnull=False)
                | Q(removed_at__isnull=False, name_sealed=None, content_sealed=None),
                name="attachment_there_or_removed",
            ),
            models.CheckConstraint(
                condition=Q(type=FileType.PDF, pages__isnull=False, width=None, height=None)
                | Q(type__in=[FileType.JPEG, FileType.PNG], pages=None, width__isnull=False, height__isnull=False),
                name="attachment_of_pages_or_pixels",
            ),
        ]

    def __str__(self) -> str:
        return self.get_scan_display()

    @property
    def name(self) -> str:
        """The file's name; the kind of scan if the contents are deleted."""
        return opened(self, "name_sealed") or f"{self.get_scan_display()}（已清除）"

    @property
    def content(self) -> bytes:
        return opened_bytes(self, "content_sealed")

    @property
    def extent(self) -> str:
        """The number of pages or pixels: 「3 页」, 「1240×1754 像素」."""
        return f"{self.pages} 页" if self.pages else f"{self.width}×{self.height} 像素"


class Kept(models.Model):
    """A scan of an earlier round that is also attached to the next one, without another upload."""

    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="kept")
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="kept")
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint("bundle", "attachment", name="kept_once")]
