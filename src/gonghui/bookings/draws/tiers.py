"""The order in which lots are drawn: tiers before chance (SPEC 6.5)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max

from gonghui.bookings.codes import Category, Tier
from gonghui.bookings.models import LedgerEntry, Place, Programme
from gonghui.kit.errors import Refused


def clean_tiers(tiers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The tiers in order, each once; 「满若干年」 with its years. Raises Refused for a wrong one."""
    cleaned: list[dict[str, Any]] = []
    for tier in tiers:
        kind, years = tier.get("kind"), tier.get("years")
        if kind not in Tier.values or any(one["kind"] == kind for one in cleaned):
            raise Refused("抽签的优先次序每项只能用一次，请检查。", field="tiers")
        if kind == Tier.YEARS_SINCE:
            if not isinstance(years, int) or isinstance(years, bool) or not 1 <= years <= 50:
                raise Refused("「满若干年未参加的优先」请填写 1 至 50 年。", field="tiers")
            cleaned.append({"kind": kind, "years": years})
        else:
            cleaned.append({"kind": kind})
    return cleaned


def tiers_of(programme: Programme, places: Sequence[Place]) -> dict[int, int]:
    """The tier of each booking, from 1: that of its person who comes last, so that nobody slips in with a colleague.

    The ledger is asked by one statement, however many there are.
    """
    members = [place.member_id for place in places if place.member_id]
    entries = LedgerEntry.objects.been().filter(member__in=members, kind=programme.kind)
    last = dict(entries.values_list("member").annotate(last=Max("year")).order_by())
    year = programme.begins_on.year if programme.begins_on else 0
    tiers: dict[int, int] = {}
    for place in places:
        if place.member_id is not None:
            own = _tier(programme.tiers, place, last.get(place.member_id), year)
            tiers[place.booking_id] = max(own, tiers.get(place.booking_id, 1))
    return tiers


def _tier(tiers: Sequence[Mapping[str, Any]], place: Place, last: int | None, year: int) -> int:
    """The first tier that the person meets; behind all of them who meets none."""
    for number, tier in enumerate(tiers, start=1):
        met = {
            Tier.NEVER_BEEN: last is None,
            Tier.MODEL_WORKER: Category.MODEL_WORKER in place.categories,
            Tier.YEARS_SINCE: last is None or last <= year - tier.get("years", 0),
        }
        if met[Tier(tier["kind"])]:
            return number
    return len(tiers) + 1
