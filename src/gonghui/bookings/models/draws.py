"""Collect, then draw: lots that anybody can draw again (SPEC 6.5)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.bookings.models.places import Booking
from gonghui.bookings.models.programmes import Programme
from gonghui.kit.sealing import SealedRow


class Draw(SealedRow):
    """The lots of a programme. The seed is made, sealed, when the programme is published, and its digest shown then; the
    list is closed when no more bookings are collected, and its digest shown; the seed is shown with the result."""

    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="draw")
    seed_sealed = models.BinaryField()
    seed_digest = models.TextField("种子的校验值（SM3）")
    list_digest = models.TextField("名单的校验值（SM3）", blank=True, default="")
    seed = models.TextField("种子", blank=True, default="")  # hexadecimal; empty until the lots are drawn
    made_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField("名单封存时间", null=True)
    drawn_at = models.DateTimeField("抽签时间", null=True)
    drawn_by = models.ForeignKey(
        User, verbose_name="抽签人", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, list_digest="") | (Q(closed_at__isnull=False) & ~Q(list_digest="")),
                name="draw_closed_whole",
            ),
            models.CheckConstraint(
                condition=Q(drawn_at=None, seed="")
                | (Q(drawn_at__isnull=False, closed_at__isnull=False) & ~Q(seed="")),
                name="draw_drawn_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.programme)


class DrawLine(models.Model):
    """A booking in the closed list, with its tier; and with its lot and rank when they are drawn."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="lines", db_index=False)
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="draw_line")
    tier = models.PositiveSmallIntegerField("优先级")
    lot = models.TextField("签号", blank=True, default="")  # HMAC-SM3 of the booking's number, hexadecimal
    rank = models.PositiveIntegerField("次序", null=True)

    class Meta:
        ordering = ["rank", "booking"]
        constraints = [models.UniqueConstraint("draw", "rank", name="draw_rank_once")]
        indexes = [models.Index(fields=["draw", "booking"], name="draw_line_draw")]
