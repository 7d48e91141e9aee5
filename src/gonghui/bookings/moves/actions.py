"""What becomes of a member's places when he or she moves, leaves or dies (SPEC 6.8)."""

from collections.abc import Sequence

from django.utils.timezone import localdate

from gonghui.bookings.codes import WhenMoving
from gonghui.bookings.models import Place, Programme
from gonghui.bookings.places.freeing import ENDING, end_places, lock_places
from gonghui.bookings.places.notifications import notify_places_ended
from gonghui.bookings.sentences import BOOKED
from gonghui.bookings.states import EndReason, PlaceState
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
    kept = [place for place in places if _is_kept(place, to, reason)]
    following = [place for place in places if place not in kept and _goes_along(place, to, reason)]
    ending = [place for place in places if place not in kept and place not in following]
    _follow(following, to)
    why = {Reason.DIED: EndReason.DIED}.get(Reason(reason), EndReason.MOVED if to else EndReason.LEFT)
    ended = end_places(ending, why, by=None)
    _tell(ended, to, why.label, "预约已取消，名额已收回")
    _tell(kept, to, "会员已转出", "名额保留，仍由原工会负责")


def _is_kept(place: Place, to: Union | None, reason: str) -> bool:
    """With the old union, as long as there is one."""
    return (
        place.programme.when_moving == WhenMoving.KEEP
        and reason != Reason.DIED
        and place.union.state == UnionState.APPROVED
    )


def _goes_along(place: Place, to: Union | None, reason: str) -> bool:
    """A booked place goes along to a union that the programme is for; whoever waits does so with the old group."""
    programme = place.programme
    follows = programme.when_moving in (WhenMoving.FOLLOW, WhenMoving.KEEP) or reason == Reason.MERGED
    return to is not None and follows and place.state == PlaceState.BOOKED and is_for(programme, to)


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
