"""Reads of the ledger."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, QuerySet, Sum

from gonghui.bookings.models import LedgerEntry, LedgerFund
from gonghui.members.models import Member
from gonghui.unions.models import Union


def entries_of(member: Member) -> QuerySet[LedgerEntry]:
    """A member's entries with the money by source, the newest first."""
    rows = LedgerEntry.objects.filter(member=member).select_related("programme", "union", "place__booking")
    return rows.prefetch_related("funds").order_by("-year", "-pk")


def last_times(members: Collection[int]) -> dict[tuple[int, str], LedgerEntry]:
    """The last time of each kind that each of these members has been, by member and kind; one statement."""
    rows = LedgerEntry.objects.been().filter(member__in=members).order_by("member", "kind", "-year", "-id")
    return {(entry.member_id, entry.kind): entry for entry in rows.distinct("member", "kind")}


def never_been(union: Union, kind: str) -> QuerySet[Member]:
    """The members of a union who have never been."""
    been = LedgerEntry.objects.been().filter(kind=kind).values("member")
    return Member.objects.filter(union=union).exclude(pk__in=been)


def totals(unions: Collection[int], year: int) -> list[dict[str, Any]]:
    """By kind: people and times of a year, of these unions."""
    entries = LedgerEntry.objects.filter(union__in=unions, year=year, came=True)
    counted = entries.values("kind").annotate(people=Count("member", distinct=True), times=Count("pk"))
    return [dict(row) for row in counted.order_by("kind")]


def money(unions: Collection[int], year: int) -> dict[str, Any]:
    """By source: what was paid in a year for the members of these unions."""
    rows = LedgerFund.objects.filter(entry__union__in=unions, entry__year=year)
    return dict(rows.values_list("source").annotate(total=Sum("amount")).order_by("source"))
