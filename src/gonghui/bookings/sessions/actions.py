"""Sessions, their capacity, and the shares of their places (SPEC 6.3)."""

from datetime import date, datetime, time

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.bookings.announcements.actions import announce
from gonghui.bookings.codes import Category
from gonghui.bookings.models import Programme, Session, Share, ShareMove, Venue
from gonghui.bookings.places.freeing import end_places
from gonghui.bookings.places.line import fill
from gonghui.bookings.places.taking import common_share, lock_sessions, move
from gonghui.bookings.programmes.actions import follow_sessions, lock_programme, locked_places
from gonghui.bookings.sentences import limited, stated_reason
from gonghui.bookings.states import EndReason, Phase, ProgrammeState, SessionState
from gonghui.kit.errors import Refused
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

verbs.register(
    session__added="新增班次",
    session__edited="修改班次日期",
    session__resized="修改班次名额",
    session__shared="划分班次名额",
    session__cancelled="取消班次",
)
verbs.facts("session", places="名额", origin="从", target="到")

MAX_PLACES = 10_000
MAX_DAYS = 60
SHARING = (UnionKind.DISTRICT, UnionKind.BUREAU, UnionKind.STREET, UnionKind.COMPANY)
"""The kinds of union that a share may be for."""


def add_session(
    venue: Venue,
    *,
    begins_on: date,
    ends_on: date,
    capacity: int,
    from_time: time | None = None,
    to_time: time | None = None,
    by: User,
) -> Session:
    """A journey or slot with its places, all in the common share. Raises Refused for days or numbers that make no sense."""
    with transaction.atomic():
        programme = lock_programme(venue.programme, by)
        _require_days(begins_on, ends_on, from_time, to_time)
        _require_places(capacity)
        session = Session(
            programme=programme, venue=venue, begins_on=begins_on, ends_on=ends_on, capacity=capacity,
            from_time=from_time, to_time=to_time,
        )  # fmt: skip
        _save(session)
        Share.objects.create(session=session, capacity=capacity)
        follow_sessions(programme)
        record("session.added", session, by=by, places=capacity)
        return session


def edit_session(
    session: Session,
    *,
    begins_on: date,
    ends_on: date,
    from_time: time | None = None,
    to_time: time | None = None,
    by: User,
) -> Session:
    """Moves a session to other days; everybody booked is notified.

    Raises Refused: ``by`` may not, it has begun or is cancelled, the days make no sense, or somebody booked would be
    elsewhere at that time.
    """
    with transaction.atomic():
        programme, session = _lock(session, by)
        if session.begins_on <= localdate() and programme.state == ProgrammeState.PUBLISHED:
            raise Refused("班次已经开始，不能再改日期。")
        _require_days(begins_on, ends_on, from_time, to_time)
        old = session.when
        session.begins_on, session.ends_on, session.from_time, session.to_time = begins_on, ends_on, from_time, to_time
        _save(session)
        follow_sessions(programme)
        if programme.state == ProgrammeState.PUBLISHED and session.when != old:
            body = f"{session.venue}的班次由 {old} 改为 {session.when}。"
            announce(programme, f"「{programme}」班次日期有变更", body, by=by, session=session)
        record("session.edited", session, by=by, old=old, new=session.when)
        return session


def set_capacity(session: Session, capacity: int, *, reason: str = "", by: User) -> Session:
    """Raises or lowers the places of the common share; what is new is offered to the line.

    Raises Refused below what is taken, with the number, and where other shares hold the rest.
    """
    _require_places(capacity)
    with transaction.atomic():
        _, session = _lock(session, by)
        common, more = common_share(session), capacity - session.capacity
        if not more:
            return session
        if capacity < session.taken:
            raise Refused(f"已有 {session.taken} 人占用名额，名额不能少于 {session.taken}。", field="capacity")
        if common.free + more < 0:
            raise Refused(
                f"公共名额只剩 {common.free} 个，其余留给了其他单位或类别。请先把它们的空余名额移回公共名额。",
                field="capacity",
            )
        Session.objects.filter(pk=session.pk).update(capacity=F("capacity") + more)
        Share.objects.filter(pk=common.pk).update(capacity=F("capacity") + more)
        ends = {"target": common} if more > 0 else {"origin": common}
        ShareMove.objects.create(session=session, places=abs(more), reason=reason, by=by, **ends)
        record("session.resized", session, by=by, old=session.capacity, new=capacity, reason=reason)
        session.capacity = capacity
        fill(session)
        return session


def add_share(
    session: Session,
    *,
    union: Union | None = None,
    category: str = "",
    places: int,
    held_until: datetime | None = None,
    by: User,
) -> Share:
    """Sets places of the common share aside for a union below or a category, until a time.

    Raises Refused: ``by`` may not, neither or both are named, the union is not below, there is one, too few are free, or
    the time makes no sense.
    """
    with transaction.atomic():
        programme, session = _lock(session, by)
        _require_for_whom(programme, union, category)
        _require_held(programme, held_until)
        if places < 1:
            raise Refused("请填写要留出的名额数。", field="places")
        try:
            with transaction.atomic():
                share = Share.objects.create(
                    session=session, union=union, category=category, capacity=0, held_until=held_until
                )
        except IntegrityError as error:
            raise Refused("已经为它留过名额，请在原有的名额上增减。", field="union") from error
        _move(session, common_share(session), share, places, "留出名额", by)
        share.refresh_from_db()
        return share


def move_places(session: Session, *, origin: Share, target: Share, places: int, reason: str, by: User) -> None:
    """Moves free places from one share to another, on record; the line is asked anew.

    Raises Refused: ``by`` may not, not of this session, too few are free (with the number), or it was returned.
    """
    reason = limited(reason, what="原因", field="reason")
    with transaction.atomic():
        _, session = _lock(session, by)
        shares = Share.objects.filter(session=session, pk__in=[origin.pk, target.pk]).select_related("union").in_bulk()
        if len(shares) < 2:
            raise Refused("请选择同一班次中两份不同的名额。")
        if places < 1:
            raise Refused("请填写要移动的名额数。", field="places")
        if shares[target.pk].returned_at:
            raise Refused(f"「{shares[target.pk]}」的保留期已过，不能再移入名额。", field="target")
        _move(session, shares[origin.pk], shares[target.pk], places, reason, by)
        fill(session)


def cancel_session(session: Session, *, reason: str, by: User) -> Session:
    """Ends all its places; everybody booked or waiting is notified. Raises Refused when it has begun, or is cancelled."""
    reason = stated_reason(reason, what="取消原因")
    with transaction.atomic():
        programme, session = _lock(session, by)
        if session.begins_on <= localdate() and programme.state == ProgrammeState.PUBLISHED:
            raise Refused("班次已经开始，不能取消。")
        session.state, session.cancelled_for = SessionState.CANCELLED, reason
        session.save(update_fields=["state", "cancelled_for"])
        places = locked_places({session.pk: session})
        announce(
            programme, f"班次已取消：{programme}", f"{session}。原因：{reason}。这个班次的预约和候补已取消。", by=by,
            session=session,
        )  # fmt: skip
        end_places(places, EndReason.SESSION_CANCELLED, by=by, offered_on=False)
        follow_sessions(programme)
        record("session.cancelled", session, by=by, reason=reason, count=len(places))
        return session


def _lock(session: Session, by: User) -> tuple[Programme, Session]:
    """Programme and session, locked in this order, when ``by`` manages them and neither is cancelled."""
    programme = lock_programme(session.programme, by)
    session = lock_sessions([session.pk])[session.pk]
    session.programme = programme
    if session.state == SessionState.CANCELLED:
        raise Refused(f"班次「{session}」已经取消，不能再操作。")
    if programme.phase == Phase.ENDED:
        raise Refused("项目已经结束，不能再修改班次。")
    return programme, session


def _move(session: Session, origin: Share, target: Share, places: int, reason: str, by: User) -> None:
    origin.refresh_from_db(fields=["capacity", "taken"])
    if not move(session, origin, target, places, reason=reason, by=by):
        raise Refused(f"「{origin}」只有 {origin.free} 个空余名额，不能移出 {places} 个。", field="places")
    record("session.shared", session, by=by, origin=str(origin), target=str(target), places=places, reason=reason)


def _save(session: Session) -> None:
    """Raises Refused for the same session twice, and for people who would be in two places."""
    try:
        with transaction.atomic():
            session.save()
    except IntegrityError as error:
        if "session_once" in str(error):
            raise Refused("这个线路或地点在这个时间已有班次，请勿重复添加。", field="begins_on") from error
        if "place_one_session_at_a_time" in str(error):
            raise Refused("改期后有人与其他预约的时间冲突，不能改为这些日期。", field="begins_on") from error
        raise


def _require_days(begins_on: date, ends_on: date, from_time: time | None, to_time: time | None) -> None:
    if ends_on < begins_on:
        raise Refused("结束日期不能早于开始日期。", field="ends_on")
    if begins_on <= localdate():
        raise Refused("开始日期应在今天以后。", field="begins_on")
    if (ends_on - begins_on).days >= MAX_DAYS:
        raise Refused(f"一个班次最长 {MAX_DAYS} 天，请检查日期。", field="ends_on")
    if (from_time is None) != (to_time is None):
        raise Refused("时段请同时填写开始和结束时间。", field="to_time")
    if from_time and to_time and (to_time <= from_time or begins_on != ends_on):
        raise Refused("时段应在同一天内，结束时间晚于开始时间。", field="to_time")


def _require_places(capacity: int) -> None:
    if not 1 <= capacity <= MAX_PLACES:
        raise Refused(f"名额请填写 1 至 {MAX_PLACES:,}。", field="capacity")


def _require_for_whom(programme: Programme, union: Union | None, category: str) -> None:
    if (union is None) == (not category):
        raise Refused("请选择一个单位或一个类别。", field="union")
    if category and category not in Category.values:
        raise Refused("请选择类别。", field="category")
    below = Union.objects.below(programme.publisher).standing().filter(kind__in=SHARING)
    if union and not below.filter(pk=union.pk).exists():
        raise Refused("只能为本级以下的区、产业局、街镇或公司工会留出名额。", field="union")


def _require_held(programme: Programme, held_until: datetime | None) -> None:
    if held_until is None:
        return
    if held_until <= timezone.now():
        raise Refused("保留至的时间已经过去，请选择以后的时间。", field="held_until")
    if programme.deadline and held_until > programme.deadline:
        raise Refused("保留至的时间不能晚于截止时间，否则空出的名额没有人能用。", field="held_until")
