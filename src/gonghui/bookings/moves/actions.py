"""What becomes of a member's places, and of invoices that wait, when he or she moves, leaves or dies (SPEC 6.8)."""

from collections.abc import Sequence

from django.utils.timezone import localdate

from gonghui.bookings.codes import WhenMoving
from gonghui.bookings.models import Place, Programme, SelfCheck
from gonghui.bookings.places.freeing import ENDING, end_places, lock_places
from gonghui.bookings.places.notifications import notify_places_ended
from gonghui.bookings.self_checks.actions import end_self_check
from gonghui.bookings.self_checks.notifications import notify_moved
from gonghui.bookings.sentences import BOOKED
from gonghui.bookings.states import EndReason, PlaceState, SelfCheckState
from gonghui.members.models import Membership
from gonghui.notices.actions import notify_officers
from gonghui.unions.models import Union, UnionState

Reason = Membership.Reason


def places_of_moved(ids: Sequence[int], to: Union | None, reason: str) -> None:
    """The members with these ids, locked, have moved: their places to come are kept, go along or become free, by the
    rule of each programme; both unions' officers are told. Who has died has no place.
    """
    coming = Place.objects.filter(member__in=ids, state__in=ENDING, session__begins_on__gt=localdate())
    places, _ = lock_places(list(coming.values_list("pk", flat=True)))
    if not places:
        return
    kept = [place for place in places if _is_kept(place, reason)]
    following = [place for place in places if place not in kept and _goes_along(place, to, reason)]
    ending = [place for place in places if place not in kept and place not in following]
    _follow(following, to)
    why = _why(to, reason)
    ended = end_places(ending, why, by=None)
    _tell(ended, to, why.label, "预约已取消，名额已收回")
    _tell(kept, to, "会员已转出", "名额保留，仍由原工会负责")


def self_checks_of_moved(ids: Sequence[int], to: Union | None, reason: str) -> None:
    """Invoices of other hospitals that wait, of the members with these ids, locked: as their places. What is decided
    stays, the ledger goes along with the member anyway."""
    rows = SelfCheck.objects.filter(member__in=ids, state=SelfCheckState.SUBMITTED).order_by("pk")
    rows = rows.select_for_update(of=("self",), no_key=True).select_related("programme__publisher", "union", "member")
    for check in rows:
        if _is_kept(check, reason):
            notify_moved(check, to, "仍由原工会负责")
        elif to is not None and _follows(check.programme, to, reason):
            notify_moved(check, to, f"随本人转到{to}")
            SelfCheck.objects.filter(pk=check.pk).update(union=to)
        else:
            why = _why(to, reason)
            end_self_check(check, why)
            notify_moved(check, to, f"已撤回：{why.label}")


def _why(to: Union | None, reason: str) -> EndReason:
    return {Reason.DIED: EndReason.DIED}.get(Reason(reason), EndReason.MOVED if to else EndReason.LEFT)


def _is_kept(one: Place | SelfCheck, reason: str) -> bool:
    """With the old union, as long as there is one."""
    return (
        one.programme.when_moving == WhenMoving.KEEP
        and reason != Reason.DIED
        and one.union.state == UnionState.APPROVED
    )


def _goes_along(place: Place, to: Union | None, reason: str) -> bool:
    """A booked place goes along to a union that the programme is for; whoever waits does so with the old group."""
    return to is not None and place.state == PlaceState.BOOKED and _follows(place.programme, to, reason)


def _follows(programme: Programme, to: Union, reason: str) -> bool:
    follows = programme.when_moving in (WhenMoving.FOLLOW, WhenMoving.KEEP) or reason == Reason.MERGED
    return follows and is_for(programme, to)


def is_for(programme: Programme, union: Union) -> bool:
    """Whether the union stands below the publisher."""
    return programme.publisher.level == 1 or union.level2_id == programme.publisher_id


def _follow(places: Sequence[Place], to: Union | None) -> None:
    """The new union answers for them from now on."""
    if to is None or not places:
        return
    _tell(places, to, "会员已转出", f"名额随本人转到{to}")
    Place.objects.filter(pk__in=[place.pk for place in places]).update(union=to)


def _tell(places: Sequence[Place], to: Union | None, why: str, what: str) -> None:
    """The officers of the union that answered for them, and of the new one."""
    notify_places_ended(places, f"预约有变化：{why}", what)
    if places and to:
        said = "；".join(f"{place}（{place.programme}，{place.session.when}）" for place in places[:5])
        notify_officers([to.pk], "转入的会员有疗休养或体检预约", body=f"{said}。{what}", url=BOOKED)
