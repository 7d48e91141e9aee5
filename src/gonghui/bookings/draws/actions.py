"""Bookings are collected, the list is closed, lots are drawn, once (SPEC 6.5)."""

from secrets import token_hex

from django.db import transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.bookings.announcements.actions import announce
from gonghui.bookings.codes import Mode
from gonghui.bookings.draws.lots import SEED_BYTES, digest_of_list, digest_of_seed, drawn
from gonghui.bookings.draws.tiers import tiers_of
from gonghui.bookings.models import Booking, Draw, DrawLine, Place, Programme, Session, WaitingEntry
from gonghui.bookings.places.line import Seats, fill, pool_of, seat_group
from gonghui.bookings.places.taking import lock_sessions, take
from gonghui.bookings.rules import can_manage
from gonghui.bookings.sentences import NOT_MANAGER, minute
from gonghui.bookings.states import EndReason, PlaceState, ProgrammeState, SessionState
from gonghui.kit.errors import Refused
from gonghui.kit.sealing import opened, owner_of, purpose

verbs.register(draw__closed="抽签名单封存", draw__drawn="抽签")
verbs.facts("draw", digest="校验值", bookings="报名")


def make_draw(programme: Programme) -> Draw:
    """The seed, sealed until the lots are drawn, and its digest, which is shown from now on."""
    seed, draw = token_hex(SEED_BYTES), Draw(programme=programme)
    draw.seed_sealed = purpose(Draw, "seed_sealed").seal(seed, owner_of(draw))
    draw.seed_digest = digest_of_seed(seed)
    draw.save()
    return draw


def close_list(programme: Programme) -> Draw | None:
    """Once no more bookings are collected: the list with its digest. None: too early, or closed already."""
    with transaction.atomic():
        programme = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        draw = Draw.objects.select_for_update(no_key=True).get(programme=programme)
        until = programme.collects_until
        if draw.closed_at or programme.state != ProgrammeState.PUBLISHED or not until or timezone.now() < until:
            return None
        # Whoever has booked before the time holds a session until it is committed.
        lock_sessions(Session.objects.filter(programme=programme).values_list("pk", flat=True))
        places = Place.objects.filter(programme=programme, state=PlaceState.APPLIED).order_by("booking", "order")
        tiers = tiers_of(programme, list(places))
        bookings = Booking.objects.in_bulk(tiers)
        lines = [DrawLine(draw=draw, booking=bookings[pk], tier=tier) for pk, tier in sorted(tiers.items())]
        DrawLine.objects.bulk_create(lines)
        draw.list_digest = digest_of_list((line.booking.number, line.tier) for line in lines)
        draw.closed_at = timezone.now()
        draw.save(update_fields=["list_digest", "closed_at"])
        record(
            "draw.closed", programme, by=None, union=programme.publisher, digest=draw.list_digest, bookings=len(lines)
        )
        return draw


def run_draw(programme: Programme, *, by: User) -> Draw:
    """Draws the lots and gives the places in their order; who is given none waits in the same order.

    Raises Refused: ``by`` may not, bookings are still collected, or the lots were drawn before.
    """
    with transaction.atomic():
        rows = Programme.objects.select_for_update(of=("self",), no_key=True).select_related("publisher")
        programme = rows.get(pk=programme.pk)
        require(can_manage, by, programme, sentence=NOT_MANAGER)
        if not programme.is_draw or programme.state != ProgrammeState.PUBLISHED:
            raise Refused("这个项目不是抽签的项目，或没有发布、已经取消。")
        close_list(programme)
        draw = (
            Draw.objects.select_for_update(of=("self",), no_key=True)
            .select_related("drawn_by")
            .get(programme=programme)
        )
        if draw.drawn_at:
            raise Refused(f"已由 {draw.drawn_by} 于 {minute(draw.drawn_at)} 抽签，每个项目只抽一次。")
        if not draw.closed_at:
            until = programme.collects_until
            raise Refused(f"报名收集到 {minute(until) if until else ''}，到时才能抽签。")
        draw.seed = opened(draw, "seed_sealed")
        order = _ranked(draw)
        draw.drawn_at, draw.drawn_by = timezone.now(), by
        draw.save(update_fields=["seed", "drawn_at", "drawn_by"])
        _give_places(programme, order)
        record("draw.drawn", programme, by=by, bookings=len(order))
        body = "中签的已约上，其余选择候补的按抽签次序候补。请查看各份预约的结果；抽签过程可在项目页面核对。"
        announce(programme, f"「{programme}」抽签结果已公布", body, by=by, unions={one.union_id for one in order})
        return draw


def _ranked(draw: Draw) -> list[Booking]:
    """Writes each line's lot and rank; returns the bookings in their order."""
    lines = {line.booking.number: line for line in DrawLine.objects.filter(draw=draw).select_related("booking")}
    result = drawn(draw.seed, [(number, line.tier) for number, line in lines.items()])
    for rank, (number, _, lot) in enumerate(result, start=1):
        lines[number].rank, lines[number].lot = rank, lot
    DrawLine.objects.bulk_update(lines.values(), ["rank", "lot"], batch_size=1000)
    return [lines[number].booking for number, _, _ in result]


def _give_places(programme: Programme, order: list[Booking]) -> None:
    """In the order of the lots; a group that does not fit is passed over, and is the first to be offered what is freed."""
    rank = {booking.pk: number for number, booking in enumerate(order)}
    for session in lock_sessions(Session.objects.filter(programme=programme).values_list("pk", flat=True)).values():
        rows = Place.objects.filter(session=session, state=PlaceState.APPLIED, booking__in=order)
        by_booking: dict[int, list[Place]] = {}
        for place in rows.select_related("booking", "union", "guest_of", "member").order_by("booking", "order"):
            by_booking.setdefault(place.booking_id, []).append(place)
        groups = [by_booking[pk] for pk in sorted(by_booking, key=rank.__getitem__)]
        pool, seats = pool_of(session), Seats()
        pool.held = False
        for places in groups if session.state == SessionState.ON else []:
            seats += seat_group(pool, places, apart=places[0].booking.mode == Mode.AS_MANY)
        take(session, [share for _, share in seats])
        for place, share in seats:
            place.share, place.state = share, PlaceState.BOOKED
        Place.objects.bulk_update([place for place, _ in seats], ["share", "state"], batch_size=1000)
        _queue(session, [[place for place in places if place.state == PlaceState.APPLIED] for places in groups])


def _queue(session: Session, groups: list[list[Place]]) -> None:
    """Who was given no place waits in the order of the lots, if the officer has wished so."""
    left = [(places[0].booking, places) for places in groups if places]
    waiting = [place.pk for booking, places in left if booking.waits for place in places]
    out = [place.pk for booking, places in left if not booking.waits for place in places]
    Place.objects.filter(pk__in=waiting).update(state=PlaceState.WAITING)
    Place.objects.filter(pk__in=out).update(
        state=PlaceState.ENDED, ended_for=EndReason.NOT_DRAWN, ended_at=timezone.now()
    )
    line = [booking for booking, _ in left if booking.waits]
    WaitingEntry.objects.bulk_create(
        WaitingEntry(session=session, booking=booking, turn=turn) for turn, booking in enumerate(line, start=1)
    )
    fill(session)  # a group that may be split is offered what was too little for all of it
