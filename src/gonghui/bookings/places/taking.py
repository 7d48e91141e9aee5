"""The one writer of ``taken``: of sessions and their shares, always a session first and then its shares by id (ADR 41).

Each step is a conditional UPDATE that changes no row where there are not enough places; a CHECK stands behind. The
session's row is locked before, so that who has waited longest can be asked first.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db.models import F

from gonghui.accounts.models import User
from gonghui.bookings.models import Place, Session, Share, ShareMove
from gonghui.bookings.states import SessionState
from gonghui.kit.errors import Refused

GONE = "名额刚刚发生变化，请刷新页面后再试。"


def lock_sessions(ids: Iterable[int]) -> dict[int, Session]:
    """The sessions, locked in the order of their ids; foreign keys to them may still be written."""
    rows = Session.objects.filter(pk__in=set(ids)).select_related("programme__publisher", "venue")
    return {one.pk: one for one in rows.select_for_update(of=("self",), no_key=True).order_by("pk")}


def take(session: Session, shares: Sequence[Share]) -> None:
    """Takes a place out of each of these shares, one as often as it is named. Raises Refused if there are not enough."""
    if not shares:
        return
    count, wanted = len(shares), Counter(share.pk for share in shares)
    row = Session.objects.filter(pk=session.pk, state=SessionState.ON, taken__lte=F("capacity") - count)
    if not row.update(taken=F("taken") + count):
        raise Refused(GONE)
    for pk, number in sorted(wanted.items()):
        if not Share.objects.filter(pk=pk, taken__lte=F("capacity") - number).update(taken=F("taken") + number):
            raise Refused(GONE)


def give_back(session: Session, places: Iterable[Place]) -> None:
    """Frees the places that these people held; one of a share that was returned goes to the common share."""
    freed = Counter(place.share_id for place in places if place.share_id is not None)
    if not freed:
        return
    Session.objects.filter(pk=session.pk).update(taken=F("taken") - freed.total())
    for pk, number in sorted(freed.items()):
        Share.objects.filter(pk=pk).update(taken=F("taken") - number)
    returned = Share.objects.filter(pk__in=freed, returned_at__isnull=False).order_by("pk")
    common = common_share(session)
    for share in returned:
        move(session, share, common, freed[share.pk], reason="保留期已过，空出的名额退回公共名额")


def common_share(session: Session) -> Share:
    common = Share.objects.filter(session=session, union=None, category="").first()
    if common is None:
        raise Refused(f"班次「{session}」没有公共名额的记录，请联系技术支持。")
    return common


def move(session: Session, origin: Share, target: Share, places: int, *, reason: str, by: User | None = None) -> bool:
    """Moves free places from one share to another, on record; the session's row is locked. False: so many are not free."""
    if not Share.objects.filter(pk=origin.pk, capacity__gte=F("taken") + places).update(
        capacity=F("capacity") - places
    ):
        return False
    Share.objects.filter(pk=target.pk).update(capacity=F("capacity") + places)
    ShareMove.objects.create(session=session, origin=origin, target=target, places=places, reason=reason, by=by)
    return True
