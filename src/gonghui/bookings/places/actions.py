"""Officers book groups, and change what is booked (SPEC 6.4, 6.6)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.bookings.codes import Mode
from gonghui.bookings.models import Booking, MaritalAnswer, Offer, Place, Programme, Session, WaitingEntry
from gonghui.bookings.places import notifications
from gonghui.bookings.places.freeing import end_places, lock_places
from gonghui.bookings.places.line import Seats, fill, join, position, queue
from gonghui.bookings.places.people import Person, lock_members, member_ids, places_of, require_free, written_once
from gonghui.bookings.places.taking import give_back, lock_sessions, take
from gonghui.bookings.rules import can_book, can_change_booking, can_end_places
from gonghui.bookings.sentences import NOT_OFFICER, limited, minute, second, stated_reason
from gonghui.bookings.states import EndReason, OfferState, Phase, PlaceState, SessionState
from gonghui.kit.choices import Some
from gonghui.kit.errors import Refused
from gonghui.kit.jobs import defer
from gonghui.unions.models import Union

verbs.register(
    booking__made="预约疗休养或体检",
    booking__withdrawn="退出预约",
    booking__substituted="预约换人",
    booking__moved="预约改班次",
    booking__accepted="确认候补名额",
    booking__declined="放弃候补名额",
)
verbs.facts("booking", booked="已约", waiting="候补", session="班次", names="人员", cost="费用处理")

NOT_OPEN = Some(
    {
        Phase.DRAFT: "这个项目还没有发布。",
        Phase.DRAWING: "报名收集已经截止，等待抽签，不能再报名。",
        Phase.RUNNING: "这个项目已经开始，不能再预约。",
        Phase.ENDED: "这个项目已经结束，不能再预约。",
        Phase.CANCELLED: "这个项目已经取消，不能再预约。",
    },
    others="Of one to come the sentence has the time; one that is open is no reason.",
)
CLOSED = "这个项目已经截止，不能再预约。"


def book_group(
    session: Session, people: Sequence[Person], *, mode: str, waits: bool, splittable: bool, key: UUID, by: User
) -> Booking:
    """Books a group of the officer's union: all of them or as many as there is room for, the rest waits if ``waits``.

    ``key`` is the form's: the same form sent again answers with the booking that it made. Raises Refused: ``by`` may
    not, not open (by the server's clock), a rule is not met, somebody is booked already, or there is no room and the
    group does not wait. Members are locked first, then the session; nothing slow is done under its lock.
    """
    if mode not in Mode.values:
        raise Refused("请选择名额不足时怎么办。", field="mode")
    with transaction.atomic():
        union = by.union
        if union is None:
            raise Refused(NOT_OFFICER)
        require(can_book, by, union, sentence=NOT_OFFICER)
        session = Session.objects.select_related("programme__publisher", "venue").get(pk=session.pk)
        if made := _made(union, key):
            return made
        members = lock_members([person.member_id for person in people], union)
        if made := _made(union, key):  # the first of two clicks held the members until now
            return made
        _require_open(session.programme, timezone.now())
        if not waits and not session.programme.is_draw and not session.free:
            raise Refused(_no_room(session, len(people)))  # at the rush: without a lock
        booking = Booking(
            programme=session.programme, session=session, union=union, mode=mode, waits=waits, splittable=splittable,
            key=key, by=by,
        )  # fmt: skip
        places = places_of(people, members, booking, session)
        try:
            with transaction.atomic():
                booking.save()
        except IntegrityError as error:  # other people under the same key
            raise Refused("这份报名表已经提交过。请返回「我的预约」查看。") from error
        _seat(session, booking, places)
        _keep_answers(places, people)
        return booking


def _made(union: Union, key: UUID) -> Booking | None:
    return Booking.objects.filter(union=union, key=key).first()


def _require_open(programme: Programme, now: datetime) -> None:
    """Raises Refused unless one can book at this time: to the second, by the server's clock."""
    phase = programme.phase_at(now)
    if phase in (Phase.PUBLISHED, Phase.PLANNED) and programme.opens_at and now < programme.opens_at:
        raise Refused(f"报名于 {second(programme.opens_at)} 开始（以平台时间为准），请到时再提交。")
    if phase != Phase.OPEN:
        raise Refused(NOT_OPEN.get(phase, CLOSED))


def _seat(session: Session, booking: Booking, places: list[Place]) -> None:
    """Under the session's lock: who is given a place, who waits, who is collected for the lots."""
    session = lock_sessions([session.pk])[session.pk]
    booking.session = session
    _require_open(session.programme, timezone.now())
    if session.state != SessionState.ON:
        raise Refused(f"班次「{session}」已经取消，请另选班次。")
    if session.programme.is_draw:
        _save(places, [], PlaceState.APPLIED)
        _made_known(booking, session, count=len(places))
        return
    seats = join(session, places, apart=booking.mode == Mode.AS_MANY, waits=booking.waits)
    left = len(places) - len(seats)
    if left and not booking.waits:
        if booking.mode == Mode.ALL or not seats:
            raise Refused(_no_room(session, len(places)))
        seated = {id(place) for place, _ in seats}
        places = [place for place in places if id(place) in seated]
        left = 0
    elif left > session.capacity and not booking.splittable:
        raise Refused(
            f"这个班次一共只有 {session.capacity} 个名额，{left} 人不可能一次候补到。请勾选「可拆分」，或减少人数。",
            field="splittable",
        )
    take(session, [share for _, share in seats])
    _save(places, seats, PlaceState.WAITING)
    if left:
        queue(session, booking)
        fill(session)  # a group that wished for all, and may be split in the line, is offered what there is
    _made_known(booking, session, booked=len(seats), waiting=left)


def _made_known(booking: Booking, session: Session, **counts: int) -> None:
    """On record; the officers are told by a job, so that the session is locked no longer than its places need."""
    from gonghui.bookings.tasks import confirm_booking

    record("booking.made", booking, by=booking.by, union=booking.union, session=str(session), **counts)
    defer(confirm_booking, booking_id=booking.pk)


def confirm(booking_id: int) -> None:
    """Tells the officers what became of the booking, once: the notice and ``confirmed_at`` are one transaction."""
    with transaction.atomic():
        rows = Booking.objects.select_for_update(of=("self",), no_key=True).filter(pk=booking_id, confirmed_at=None)
        booking = rows.select_related("programme", "session__venue", "by").first()
        if booking is None:
            return
        states = list(Place.objects.filter(booking=booking).values_list("state", flat=True))
        entry = WaitingEntry.objects.filter(booking=booking).first()
        notifications.notify_made(
            booking,
            booked=states.count(PlaceState.BOOKED),
            waiting=states.count(PlaceState.WAITING),
            applied=states.count(PlaceState.APPLIED),
            position=position(entry) if entry else None,
        )
        booking.confirmed_at = timezone.now()
        booking.save(update_fields=["confirmed_at"])


def _no_room(session: Session, wanted: int) -> str:
    free = session.free
    if not free:
        return f"班次「{session}」已经约满。您可以选择候补，或另选班次。"
    return (
        f"班次「{session}」还有 {free} 个名额（含留给其他单位和候补单位的），不够 {wanted} 人。"
        "您可以减少人数、选择「能报几人报几人」，或选择候补。"
    )


def _save(places: Sequence[Place], seats: Seats, otherwise: PlaceState) -> None:
    """Members first: a guest's place names the member's."""
    shares = {id(place): share for place, share in seats}
    for place in places:
        place.share = shares.get(id(place))
        place.state = PlaceState.BOOKED if place.share else otherwise
    with written_once():
        Place.objects.bulk_create([place for place in places if place.guest_of is None])
        Place.objects.bulk_create([place for place in places if place.guest_of is not None])


def _keep_answers(places: Sequence[Place], people: Sequence[Person]) -> None:
    """Whether somebody is married is kept apart, and only where a package asks (SPEC 6.7)."""
    married = {person.member_id: person.married for person in people if person.married is not None}
    MaritalAnswer.objects.bulk_create(
        MaritalAnswer(place=place, married=married[place.member_id])
        for place in places
        if place.pk and place.package and place.package.married is not None and place.member_id in married
    )


def withdraw_places(ids: Collection[int], *, reason: str = "", cost_note: str = "", by: User) -> list[Place]:
    """People withdraw: freely until the deadline, later with the reason and a note on the costs; guests go along.

    Raises Refused: ``by`` may not, there is nothing to withdraw, or it is late and the reason or note is missing.
    """
    with transaction.atomic():
        places, _ = lock_places(ids)
        _require_officer(by, places)
        open_ = [place for place in places if place.state in (*_WITHDRAWN_FREELY, PlaceState.BOOKED)]
        if not open_:
            raise Refused("所选人员已经退出，或已登记参加情况，不能再退出。请刷新页面查看。")
        late = any(place.state == PlaceState.BOOKED and is_late(place.programme) for place in open_)
        if late:
            reason = stated_reason(reason, what="退出原因")
            cost_note = stated_reason(cost_note, what="费用处理", field="cost_note")
        else:
            reason = limited(reason, what="退出原因", field="reason")
            cost_note = limited(cost_note, what="费用处理", field="cost_note")
        ended = end_places(open_, EndReason.WITHDRAWN, by=by, reason=reason, cost_note=cost_note)
        _record("booking.withdrawn", ended, by, reason=reason, cost=cost_note)
        if late:
            body = f"{by.union}：{notifications.names(ended)}。原因：{reason}；费用：{cost_note}"
            notifications.notify_publisher(ended[0].programme, "截止后有人退出", body)
        return ended


_WITHDRAWN_FREELY = (PlaceState.APPLIED, PlaceState.WAITING, PlaceState.OFFERED)


def is_late(programme: Programme) -> bool:
    """Whether its deadline is over: withdrawing asks for a reason, and nobody changes the session."""
    return programme.deadline is not None and timezone.now() >= programme.deadline


def _require_officer(by: User, places: Sequence[Place]) -> None:
    """Raises Refused when there are none, or one of another union."""
    if not places:
        raise Refused("请先勾选人员。")
    require(can_end_places, by, list(places), sentence=NOT_OFFICER)


def _record(verb: str, places: Sequence[Place], by: User, **facts: object) -> None:
    """One entry for each booking."""
    bookings = {place.booking_id: place.booking for place in places}
    for pk, booking in sorted(bookings.items()):
        group = [place for place in places if place.booking_id == pk]
        names, people = [str(place) for place in group], member_ids(group)
        record(verb, booking, by=by, union=by.union, people=people, names=names, count=len(group), **facts)


def substitute(place: Place, member_id: int, *, stated: Sequence[str] = (), by: User) -> Place:
    """A colleague takes the place, of the same session and share, with the same turn; the line is not asked.

    Raises Refused: ``by`` may not, the place is not booked, it has begun, guests come along, or the colleague may not.
    """
    with transaction.atomic():
        union = Union.objects.get(pk=place.union_id)
        members = lock_members([member_id], union)
        places, _ = lock_places([place.pk])
        _require_officer(by, places)
        old, *guests = places
        if old.state != PlaceState.BOOKED or old.is_guest:
            raise Refused(f"{old}的状态是「{old.get_state_display()}」，不能换人。")
        if guests and any(guest.state != PlaceState.ENDED for guest in guests):
            raise Refused(f"{old}带有家属，不能换人。请先让家属退出，或全部退出后重新预约。")
        if old.programme.phase in (Phase.RUNNING, Phase.ENDED):
            raise Refused("这个项目已经开始，不能换人。")
        new = places_of([Person(member_id, stated, package_id=old.package_id)], members, old.booking, old.session)[0]
        end_places([old], EndReason.SUBSTITUTED, by=by, offered_on=False)
        take(old.session, [old.share] if old.share else [])
        new.union, new.share, new.state, new.order = union, old.share, PlaceState.BOOKED, old.order
        with written_once():
            new.save()
        record("booking.substituted", old.booking, by=by, union=union, old=str(old), new=str(new))
        return new


def change_session(ids: Collection[int], session: Session, *, by: User) -> list[Place]:
    """Booked people (and their guests) go to another session of the programme, in one step: all of them, or none and
    the old places stay.

    Raises Refused: ``by`` may not, somebody is not booked, after the deadline, another programme's session, no room
    behind those who wait, or one of them is elsewhere at that time.
    """
    with transaction.atomic():
        places, sessions = lock_places(ids, session.pk)
        _require_officer(by, places)
        target = sessions[session.pk]
        _require_changeable(places, target)
        old = {place.session for place in places}
        for place in places:
            place.session = target
        require_free(places)
        seats = join(target, places, apart=False, waits=False)
        if not seats:
            raise Refused(f"班次「{target}」没有 {len(places)} 个可用名额（先要满足候补的单位）。原来的名额保持不变。")
        take(target, [share for _, share in seats])
        for left in sorted(old, key=lambda one: one.pk):
            here = Place.objects.filter(pk__in=[place.pk for place in places], session=left)
            give_back(left, list(here))
        for place, share in seats:
            place.share = share
        with written_once():
            Place.objects.bulk_update(places, ["session", "share"])
        for left in sorted(old, key=lambda one: one.pk):
            fill(left)
        _record("booking.moved", places, by, session=str(target))
        return places


def _require_changeable(places: Sequence[Place], target: Session) -> None:
    programme = places[0].programme
    if any(place.programme_id != target.programme_id for place in places) or target.state != SessionState.ON:
        raise Refused("请选择同一项目中没有取消的班次。", field="session")
    if any(place.session_id == target.pk for place in places):
        raise Refused(f"有人已经在班次「{target}」中。", field="session")
    if wrong := [place for place in places if place.state != PlaceState.BOOKED]:
        raise Refused(f"{wrong[0]}的状态是「{wrong[0].get_state_display()}」，只有已约上的才能改班次。")
    if is_late(programme) or programme.phase == Phase.CANCELLED:
        raise Refused("已经过了截止时间，不能再改班次。")


def accept_offer(offer: Offer, *, by: User) -> Offer:
    """The group takes the offered places. Raises Refused: ``by`` may not, it has ended, or was answered before."""
    with transaction.atomic():
        offer, places = _lock_offer(offer, by)
        Place.objects.filter(pk__in=[place.pk for place in places]).update(state=PlaceState.BOOKED)
        _answer(offer, OfferState.ACCEPTED, by)
        _record("booking.accepted", places, by)
        return offer


def decline_offer(offer: Offer, *, by: User) -> Offer:
    """The group does not take the places: they are offered to the next. Raises Refused as `accept_offer`."""
    with transaction.atomic():
        offer, places = _lock_offer(offer, by)
        _answer(offer, OfferState.DECLINED, by)
        end_places(places, EndReason.DECLINED, by=by)
        _record("booking.declined", places, by)
        return offer


def _lock_offer(offer: Offer, by: User) -> tuple[Offer, list[Place]]:
    """The open offer and its people, with the session locked."""
    entry = WaitingEntry.objects.select_related("booking__union").get(pk=offer.entry_id)
    lock_sessions([entry.session_id])
    require(can_change_booking, by, entry.booking, sentence=NOT_OFFICER)
    offer = Offer.objects.select_related("answered_by").get(pk=offer.pk)
    offer.entry = entry
    if offer.state == OfferState.ACCEPTED and offer.answered_at:
        raise Refused(f"这些名额已由 {offer.answered_by} 于 {minute(offer.answered_at)} 确认，无需再次操作。")
    if offer.state != OfferState.OPEN or timezone.now() >= offer.ends_at:
        raise Refused(f"确认已于 {minute(offer.ends_at)} 截止或名额已失效，名额已给后面候补的单位。")
    ids = list(Place.objects.filter(offer=offer, state=PlaceState.OFFERED).values_list("pk", flat=True))
    places, _ = lock_places(ids)
    return offer, [place for place in places if place.offer_id == offer.pk and place.state == PlaceState.OFFERED]


def _answer(offer: Offer, state: OfferState, by: User | None) -> None:
    offer.state, offer.answered_by, offer.answered_at = state, by, timezone.now()
    offer.save(update_fields=["state", "answered_by", "answered_at"])
    notifications.settle_offers([offer])
