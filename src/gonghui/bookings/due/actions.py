"""What the clock asks for: offers and holds that end, deadlines, lists to close, reminders. Safe to repeat."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.bookings.draws.actions import close_list
from gonghui.bookings.models import Draw, Offer, Place, Programme, Session, SessionReminder, Share
from gonghui.bookings.places.freeing import end_places, lock_places
from gonghui.bookings.places.line import fill
from gonghui.bookings.places.notifications import notify_places_ended, settle_offers
from gonghui.bookings.places.taking import common_share, lock_sessions, move
from gonghui.bookings.sentences import address_of_travel_offer
from gonghui.bookings.states import EndReason, OfferState, PlaceState, ProgrammeState, SessionState
from gonghui.notices.actions import notify_officers

DAYS_BEFORE = (7, 1)
"""Days before a session on which the officers are reminded."""


def settle_due() -> None:
    """All of it, in this order; each offer, session and programme is a transaction of its own."""
    expire_offers()
    return_shares()
    end_waiting()
    close_lists()


def expire_offers() -> None:
    """Offers that nobody has answered in time: the places go to the next in the line."""
    over = Offer.objects.filter(state=OfferState.OPEN, ends_at__lte=timezone.now()).order_by("ends_at")
    for pk, session in list(over.values_list("pk", "entry__session")):
        with transaction.atomic():
            lock_sessions([session])
            offer = Offer.objects.filter(pk=pk, state=OfferState.OPEN).first()
            if offer is None:  # answered meanwhile
                continue
            ids = list(Place.objects.filter(offer=offer, state=PlaceState.OFFERED).values_list("pk", flat=True))
            places, _ = lock_places(ids)
            offer.state, offer.answered_at = OfferState.EXPIRED, timezone.now()
            offer.save(update_fields=["state", "answered_at"])
            settle_offers([offer])
            ended = end_places(places, EndReason.EXPIRED, by=None)
            notify_places_ended(ended, "候补名额逾期未确认，已给后面的单位", "如仍需要，请重新报名或候补")


def return_shares() -> None:
    """What is free of shares whose time is over goes to the common share, and is offered to the line."""
    due = Share.objects.filter(held_until__lte=timezone.now(), returned_at=None)
    for session_id in list(due.values_list("session", flat=True).distinct().order_by("session")):
        with transaction.atomic():
            session = lock_sessions([session_id])[session_id]
            shares = list(due.filter(session=session).select_related("union"))
            common = common_share(session)
            for share in shares:
                if share.free:
                    move(session, share, common, share.free, reason="保留期已过，空余名额退回公共名额")
            Share.objects.filter(pk__in=[share.pk for share in shares]).update(returned_at=timezone.now())
            fill(session)


def end_waiting() -> None:
    """After the deadline nobody waits any more; the officers are told."""
    waiting = Place.objects.filter(session=OuterRef("pk"), state=PlaceState.WAITING)
    over = Session.objects.filter(Exists(waiting), programme__deadline__lte=timezone.now())
    for pk in list(over.values_list("pk", flat=True).order_by("pk")):
        with transaction.atomic():
            lock_sessions([pk])
            ids = Place.objects.filter(session=pk, state=PlaceState.WAITING).values_list("pk", flat=True)
            places, _ = lock_places(list(ids))
            ended = end_places(
                [place for place in places if place.state == PlaceState.WAITING], EndReason.DEADLINE, by=None
            )
            notify_places_ended(ended, "项目已截止，没有候补到名额", "候补已结束")


def close_lists() -> None:
    """Lists of draws whose bookings are no longer collected."""
    due = Programme.objects.filter(
        Exists(Draw.objects.filter(programme=OuterRef("pk"), closed_at=None)),
        state=ProgrammeState.PUBLISHED,
        collects_until__lte=timezone.now(),
    )
    for programme in due.order_by("pk"):
        close_list(programme)


def remind_booked() -> None:
    """The officers of everybody booked, 7 days and 1 day before; each session once."""
    for days in DAYS_BEFORE:
        soon = Session.objects.filter(state=SessionState.ON, begins_on=localdate() + timedelta(days=days))
        for session in soon.filter(programme__state=ProgrammeState.PUBLISHED).select_related("programme", "venue"):
            _remind(session, days)


def _remind(session: Session, days: int) -> None:
    try:
        with transaction.atomic():
            SessionReminder.objects.create(session=session, days=days)
            booked = Place.objects.filter(session=session, state=PlaceState.BOOKED)
            notify_officers(
                list(booked.values_list("union", flat=True).distinct()),
                f"{session.programme}{'明天' if days == 1 else f' {days} 天后'}开始",
                body=f"{session}。请通知本工会已约的会员按时参加。",
                url=address_of_travel_offer(session.programme),
            )
    except IntegrityError:  # reminded before
        return
