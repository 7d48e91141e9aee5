"""What becomes of bookings and the ledger when two records of one person are merged (`members.hooks.RECORDS`).

A place stays with the union that answers for it: merging is no move.
"""

from django.db.models import Q

from gonghui.bookings.models import LedgerEntry, Place, SelfCheck
from gonghui.bookings.states import STANDING
from gonghui.members.hooks import Records


def _at_once(main: int, other: int) -> str:
    mine = list(Place.objects.active().filter(member=main).select_related("programme"))
    for place in Place.objects.active().filter(member=other).select_related("programme"):
        for known in mine:
            if known.programme_id == place.programme_id:
                return f"两条记录都报名了“{place.programme}”，请先退出其中一个"
            if known.during.lower < place.during.upper and place.during.lower < known.during.upper:
                return f"“{known.programme}”和“{place.programme}”的时间重叠，请先退出其中一个"
    return ""


def _both_checked(main: int, other: int) -> str:
    standing = SelfCheck.objects.filter(state__in=STANDING)
    both = standing.filter(member=main, programme__in=standing.filter(member=other).values("programme"))
    check = both.select_related("programme").first()
    return f"两条记录都提交了“{check.programme}”的外院自检，请先撤回其中一份" if check else ""


def _loaded_twice(main: int) -> Q:
    known = LedgerEntry.objects.filter(member=main, loaded__isnull=False).values_list("kind", "year", "title")
    twice = Q(pk__in=())
    for kind, year, title in known:
        twice |= Q(loaded__isnull=False, kind=kind, year=year, title=title)
    return twice


PLACES = Records(Place, clash=_at_once)
SELF_CHECKS = Records(SelfCheck, clash=_both_checked)
LEDGER = Records(LedgerEntry, stays=_loaded_twice)
