"""Entries of the person's ledger: of who came or did not, and of earlier years (SPEC 6.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.bookings.codes import FundSource, Kind, NoShow
from gonghui.bookings.ledger.validation import FIRST_YEAR, MAX_DAYS
from gonghui.bookings.models import Fund, LedgerEntry, LedgerFund, Place, SelfCheck
from gonghui.bookings.rules import can_load_ledger
from gonghui.bookings.sentences import NOT_OFFICER
from gonghui.bookings.states import PlaceState
from gonghui.kit.days import years_before
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.unions.models import Union

verbs.register(ledger__loaded="登记往年疗休养体检")

CHUNK = 1000


@dataclass(frozen=True)
class Earlier:
    """A line of earlier years, of a member of the officer's union."""

    member_id: int
    kind: str
    title: str
    year: int
    days: int = 1
    began_on: date | None = None
    funds: Mapping[str, Decimal] = field(default_factory=dict)


def write_entries(places: Sequence[Place]) -> None:
    """One entry for each marked member, anew where there is one: of money only for who came.

    In the caller's transaction, which has locked the members and then the session.
    """
    marked = [place for place in places if place.member_id is not None]
    there = {entry.place_id: entry for entry in LedgerEntry.objects.filter(place__in=marked)}
    entries = [_entry(place, there.get(place.pk)) for place in marked]
    LedgerEntry.objects.bulk_create([entry for entry in entries if entry.pk is None])
    LedgerEntry.objects.bulk_update(
        [entry for entry in entries if entry.place_id in there], ["came", "counts", "barred_until"]
    )
    LedgerFund.objects.filter(entry__in=entries).delete()
    paid: dict[int | None, list[Fund]] = {}
    for fund in Fund.objects.filter(programme__in={entry.programme_id for entry in entries}):
        paid.setdefault(fund.programme_id, []).append(fund)
    LedgerFund.objects.bulk_create(
        LedgerFund(entry=entry, source=fund.source, amount=fund.amount)
        for entry in entries
        if entry.came
        for fund in paid.get(entry.programme_id, [])
    )


def _entry(place: Place, entry: LedgerEntry | None) -> LedgerEntry:
    programme, session = place.programme, place.session
    entry = entry or LedgerEntry(
        member=place.member, union_id=place.union_id, kind=programme.kind, programme=programme, place=place,
        title=programme.title, year=session.begins_on.year, began_on=session.begins_on, days=session.days,
    )  # fmt: skip
    entry.programme = programme
    entry.came = place.state == PlaceState.ATTENDED
    entry.counts = entry.came or programme.no_show == NoShow.COUNTED
    barred = not entry.came and programme.no_show == NoShow.BARRED and programme.no_show_years
    entry.barred_until = years_before(session.begins_on, -int(programme.no_show_years or 0)) if barred else None
    return entry


def write_self_check(check: SelfCheck) -> LedgerEntry:
    """The entry of an accepted check at another hospital, with the money: the sources of the programme share what is paid
    back as they share its price, the member pays the rest.

    In the caller's transaction, which has locked the member.
    """
    programme = check.programme
    entry = LedgerEntry.objects.create(
        member=check.member, union_id=check.union_id, kind=programme.kind, programme=programme, self_check=check,
        title=programme.title, year=check.checked_on.year, began_on=check.checked_on,
    )  # fmt: skip
    funds = {fund.source: fund.amount for fund in Fund.objects.filter(programme=programme)}
    paid = shared_out(check.paid, funds, FundSource.CITY if programme.publisher.level == 1 else FundSource.LEVEL2)
    if rest := check.amount - check.paid:
        paid[FundSource.SELF] = rest
    LedgerFund.objects.bulk_create(LedgerFund(entry=entry, source=one, amount=paid[one]) for one in paid)
    return entry


def shared_out(paid: Decimal, funds: Mapping[str, Decimal], otherwise: str) -> dict[str, Decimal]:
    """``paid`` in the proportion of these amounts, to the cent; the last source takes what rounding leaves. Where nobody
    but the members pays, ``otherwise`` does."""
    sources = {one: funds[one] for one in FundSource.values if one in funds and one != FundSource.SELF}
    sources = sources or {otherwise: Decimal(1)}
    whole, left, shares = sum(sources.values()), paid, dict[str, Decimal]()
    for source, amount in sources.items():
        shares[source] = (paid * amount / whole).quantize(Decimal("0.01"), ROUND_DOWN)
        left -= shares[source]
    shares[list(sources)[-1]] += left
    return {source: share for source, share in shares.items() if share}


def load_entries(union: Union, lines: Sequence[Earlier], *, act: UUID, by: User) -> int:
    """Takes in lines of earlier years, of members of the union; what is there already is passed over. Returns how many.

    Raises Refused: ``by`` may not, somebody is of another union, or a line makes no sense.
    """
    with transaction.atomic():
        require(can_load_ledger, by, union, sentence=NOT_OFFICER)
        ids = {line.member_id for line in lines}
        rows = Member.objects.filter(pk__in=ids, union=union).select_for_update(no_key=True).order_by("pk")
        if len(rows) < len(ids):
            raise Refused("名单中有人不是本工会会员，请检查。")
        for line in lines:
            _require_line(line)
        entries = [
            LedgerEntry(
                member_id=line.member_id, union=union, kind=line.kind, title=line.title.strip(), year=line.year,
                began_on=line.began_on, days=line.days, loaded=act,
            )
            for line in lines
        ]  # fmt: skip
        funds = {(line.member_id, line.kind, line.year, line.title.strip()): line.funds for line in lines}
        LedgerEntry.objects.bulk_create(entries, ignore_conflicts=True, batch_size=CHUNK)
        written = list(LedgerEntry.objects.filter(loaded=act))
        LedgerFund.objects.bulk_create(
            (
                LedgerFund(entry=entry, source=source, amount=amount)
                for entry in written
                for source, amount in funds[entry.member_id, entry.kind, entry.year, entry.title].items()
            ),
            batch_size=CHUNK,
        )
        record("ledger.loaded", union, by=by, union=union, count=len(written))
        return len(written)


def _require_line(line: Earlier) -> None:
    """Raises Refused for a line that makes no sense."""
    this_year = localdate().year
    if line.kind not in Kind.values:
        raise Refused("类型请填写疗休养、体检或筛查。")
    if not line.title.strip():
        raise Refused("请填写项目名称。")
    if not FIRST_YEAR <= line.year <= this_year:
        raise Refused(f"年度请填写 {FIRST_YEAR} 至 {this_year} 之间的年份。")
    if not 1 <= line.days <= MAX_DAYS:
        raise Refused(f"天数请填写 1 至 {MAX_DAYS}。")
    if any(source not in FundSource.values or amount < 0 for source, amount in line.funds.items()):
        raise Refused("经费来源或金额有误，金额不能小于 0。")
