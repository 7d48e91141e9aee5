"""What was published changes only with a notice to everybody booked (SPEC 6.1): kept with the change, sent by a job."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.bookings.models import Announcement, Programme, Session
from gonghui.bookings.sentences import address_of_travel_offer
from gonghui.bookings.states import ACTIVE
from gonghui.kit.jobs import defer
from gonghui.notices.actions import notify_officers


def announce(
    programme: Programme,
    title: str,
    body: str,
    *,
    by: User | None,
    session: Session | None = None,
    unions: Collection[int] | None = None,
) -> Announcement:
    """In the caller's transaction. ``unions``: whose officers, if not of everybody who is in it now."""
    from gonghui.bookings.tasks import tell_booked

    if unions is None:
        places = programme.places.filter(state__in=ACTIVE)
        unions = (places.filter(session=session) if session else places).values_list("union", flat=True).distinct()
    announcement = Announcement.objects.create(
        programme=programme, session=session, title=title, body=body, by=by, unions=sorted(unions)
    )
    defer(tell_booked, announcement_id=announcement.pk)
    return announcement


def tell(announcement_id: int) -> None:
    """Notifies the officers, once: the notices and ``told_at`` are one transaction."""
    with transaction.atomic():
        waiting = Announcement.objects.select_for_update(of=("self",), skip_locked=True)
        one = waiting.select_related("programme").filter(pk=announcement_id, told_at=None).first()
        if one is None:
            return
        url = address_of_travel_offer(one.programme)
        notify_officers(one.unions, one.title, body=one.body, url=url, sent_by=one.by)
        one.told_at = timezone.now()
        one.save(update_fields=["told_at"])


def tell_untold() -> None:
    """Those that have waited for a quarter of an hour: their job was lost."""
    late = timezone.now() - timedelta(minutes=15)
    for pk in Announcement.objects.filter(told_at=None, at__lt=late).order_by("pk").values_list("pk", flat=True):
        tell(pk)
