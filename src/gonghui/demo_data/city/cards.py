"""Member service cards: those issued since last year, and batches in every state before the card desk.

What the desk itself has done in the last months goes through its own actions (`desk`), files and all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.utils.timezone import localdate
from stdnum import luhn

from gonghui.cards.applications.names import needs_agreement
from gonghui.cards.applications.preflight import seen
from gonghui.cards.models import Application, Batch, Card, Line, Order, ResultFile, UnionCode
from gonghui.cards.orders.sample import FAILURES
from gonghui.cards.states import ApplicationState, BatchState, CardState, LineState, OrderState, Purpose, ResultState
from gonghui.demo_data.city import names
from gonghui.demo_data.city.members import Person
from gonghui.demo_data.city.world import Grassroots, Say, World
from gonghui.kit import crypto
from gonghui.kit.sealing import purpose
from gonghui.reviews.models import ReviewPart, Step
from gonghui.unions.models import UnionState

ORDERED = (345, 310, 275, 245, 215, 190)
"""Days ago the desk sent the old orders. Their files have been dropped, as they are half a year after their end."""

IN_AN_ORDER = 30_000
"""Members of one, on the average; an order holds 50,000."""

PREFIX = "999902"
"""As the sample of a card maker has, but apart from its numbers."""

CARDS = purpose(Card, "number_sealed")
OPINIONS = (names.APPROVED_WITH, names.CARDS_RETURNED_FOR)


@dataclass
class Lot:
    """An old order: how far it is filled."""

    order: int
    result: int
    at: datetime
    count: int = 0
    failed: int = 0


@dataclass
class Desk:
    """The orders of last year, and the numbers of their cards."""

    lots: list[list[Lot]]  # by the day, then by the serial
    cards: int = 0

    def of_share(self, people_before: int) -> "Desk":
        """The same orders with nothing in them; the numbers begin behind those of the shares before."""
        return Desk([[replace(lot, count=0, failed=0) for lot in lots] for lots in self.lots], people_before)

    def number_lines(self, pieces: Sequence[bytes], filled: Sequence[Lot]) -> list[bytes]:
        """A share's lines with their places in the whole orders, of which ``filled`` is what the share put into them."""
        before = {lot.order: lot.count for lots in self.lots for lot in lots}
        for lot, more in zip((lot for lots in self.lots for lot in lots), filled, strict=True):
            lot.count += more.count
            lot.failed += more.failed
        return [_numbered(piece, before) for piece in pieces]

    def number(self) -> str:
        """The next card's."""
        self.cards += 1
        body = f"{PREFIX}{self.cards:012}"
        return body + luhn.calc_check_digit(body)


LINE = ("sequence", "order_id")
"""Where `Desk.number_lines` finds them: at the beginning."""


def _numbered(piece: bytes, before: Mapping[int, int]) -> bytes:
    lines = []
    for line in piece.splitlines(keepends=True):
        place, order, rest = line.split(b"\t", 2)
        lines.append(b"%d\t%b\t%b" % (int(place) + before[int(order)], order, rest))
    return b"".join(lines)


def open_desk(world: World) -> Desk:
    """The old orders, empty yet: whatever is in one names it."""
    desk, serials = Desk([]), 1 + world.plan.members // (IN_AN_ORDER * len(ORDERED))
    by = world.city_officer.pk
    for days in ORDERED:
        at = world.clock.at(days, world.plan.chance("desk", days)).replace(hour=10, minute=0)
        lots = []
        for serial in range(1, serials + 1):
            lot = Lot(world.rows.next_id(Order), world.rows.next_id(ResultFile), at)
            done = at + timedelta(days=5, hours=4)
            world.rows.add(
                Order, id=lot.order, day=localdate(at), serial=serial, purpose=Purpose.NEW, maker=settings.ENVIRONMENT.card_maker,
                state=OrderState.DONE, count=0, digest=crypto.fingerprint(f"order {days} {serial}").hex(), created_by_id=by,
                created_at=at, exported_by_id=by, exported_at=at + timedelta(hours=1), ended_at=done,
            )  # fmt: skip
            number = f"{localdate(at):%Y%m%d}{serial:04}"
            world.rows.add(
                ResultFile, id=lot.result, order_id=lot.order, filename=f"JG{number}.txt", lines=0, read_by_id=by, read_at=done,
                digest=crypto.fingerprint(f"result {days} {serial}").hex(), state=ResultState.DONE,
            )  # fmt: skip
            lots.append(lot)
        desk.lots.append(lots)
    return desk


def close_desk(world: World, desk: Desk) -> None:
    """How many each old order held, now that it is known."""
    for lot in (lot for lots in desk.lots for lot in lots):
        with connection.cursor() as cursor:
            cursor.execute(_COUNTED, {"order": lot.order, "count": lot.count, "size": 210 * lot.count + 300})
            cursor.execute(
                _READ, {"result": lot.result, "lines": lot.count, "made": lot.count - lot.failed, "failed": lot.failed}
            )
        about = (Order, lot.order, f"{localdate(lot.at):%Y%m%d}")
        by, city = world.city_officer, world.city_officer.union_id
        world.audit("cardorder.gathered", lot.at, by, city, about, purpose="new", foreign=False, count=lot.count)
        done = lot.at + timedelta(days=5, hours=4)
        world.audit(
            "cardorder.result_read", done, by, city, about, made=lot.count - lot.failed, failed=lot.failed, known=0
        )


_COUNTED = (
    f"UPDATE {Order._meta.db_table} SET count = %(count)s, sent = %(count)s, size = %(size)s WHERE id = %(order)s"  # noqa: S608
)
_READ = f"UPDATE {ResultFile._meta.db_table} SET lines = %(lines)s, made = %(made)s, failed = %(failed)s WHERE id = %(result)s"  # noqa: S608


def apply(world: World, union: Grassroots, people: Sequence[Person], desk: Desk) -> None:
    """The union's batches: one that was made last year or none, one that is under way or none, and cards that are lost."""
    chance = world.chance("cards", union)
    if not union.approved_at or union.state != UnionState.APPROVED or len(people) < 3:
        return
    fit = [one for one in people if _fit(one)]
    if not fit or chance.random() < 0.15:
        return
    code = union.code[8:17]
    set_at = world.clock.after(union.approved_at, 12, chance)
    world.rows.add(UnionCode, union_id=union.pk, code=code, set_by_id=union.officer.pk, set_at=set_at)
    about = (type(union.row), union.pk, union.name)
    world.audit("unioncode.saved", set_at, union.officer, union.pk, about, code=code, virtual=False)
    old = [place for place, days in enumerate(ORDERED) if set_at < world.clock.midnight - timedelta(days=days + 18)]
    carded: list[Carded] = []
    if old and chance.random() < 0.85:
        lots = desk.lots[chance.choice(old)]
        carded = _made(world, union, fit, lots[union.number % len(lots)], desk, chance)
    if carded and not union.busy and chance.random() < 0.3:
        _lose(world, union, *carded[0], chance)
    for _, card in carded:
        world.rows.add(Card, **card)
    if union.busy:
        return
    rest = [one for one in fit if not one.has_card and not one.taken and one.correction == ""]
    if rest and chance.random() < 0.6:
        _under_way(world, union, rest[: chance.randint(1, 120)], chance)


Carded = tuple[Person, dict[str, Any]]
"""A member with the row of the card."""


def _fit(person: Person) -> bool:
    values = person.values
    may = values.address and values.mobile and not person.retained_for
    return bool(may) and not needs_agreement(values.name, values.document_type)


def _made(world: World, union: Grassroots, fit: Sequence[Person], lot: Lot, desk: Desk, chance: Random) -> list[Carded]:
    """Asked for, approved, made and handed out."""
    at = lot.at - timedelta(days=chance.randint(8, 15))
    asked = [one for one in fit if one.joined < at and chance.random() < 0.8][:2_000]
    if not asked:
        return []
    say = Say(
        Step.Decision.APPROVED,
        min(world.clock.after(at, 2, chance), lot.at - timedelta(hours=1)),
        chance.choice(names.APPROVED_WITH),
    )
    made_at = lot.at + timedelta(days=5, hours=4)
    issued_at = world.clock.after(made_at, chance.randint(2, 12), chance)
    batch = _batch(world, union, asked, Purpose.NEW, at, say, BatchState.DONE, issued_at)
    found = []
    for person in asked:
        failed = chance.random() < 0.02
        lot.count, lot.failed = lot.count + 1, lot.failed + failed
        card = None if failed else _card(world, person, desk.number(), made_at, issued_at, union)
        failure = " ".join(FAILURES[person.pk % len(FAILURES)]) if failed else ""
        state = ApplicationState.CLOSED if failed else ApplicationState.ISSUED
        application = _application(
            world, batch, person, Purpose.NEW, state, card["id"] if card else None, failure, issued_at
        )
        world.rows.add(
            Line, id=world.rows.next_id(Line), order_id=lot.order, application_id=application, sequence=lot.count,
            state=LineState.FAILED if failed else LineState.DONE, failure=failure, result_id=lot.result,
        )  # fmt: skip
        if card:
            person.has_card = True
            found.append((person, card))
    count = len(found)
    if count:
        world.audit(
            "card.issued", issued_at, union.officer, union.pk, (Batch, batch, f"{localdate(at)} 新办"), count=count
        )
    return found


def _card(
    world: World, person: Person, number: str, made_at: datetime, issued_at: datetime, union: Grassroots
) -> dict[str, Any]:
    owner = uuid4()
    return {
        "id": world.rows.next_id(Card), "member_id": person.pk, "union_id": union.pk, "seal_id": owner, "number_sealed": CARDS.seal(number, owner), "number_hash": crypto.fingerprint(number),
        "printed_name": person.values.name, "state": CardState.ISSUED, "made_at": made_at, "issued_at": issued_at, "issued_by_id": union.officer.pk,
    }  # fmt: skip


def _under_way(world: World, union: Grassroots, asked: Sequence[Person], chance: Random) -> None:
    """New cards asked for lately: waiting for the superior, for the desk (`desk` takes the older ones), or sent back."""
    dice = chance.random()
    days = 1 + min(chance.expovariate(1 / 4), 16) if dice < 0.35 else chance.randint(4, 178)
    at = world.clock.at(days, chance)
    asked = [one for one in asked if one.joined < at]
    if not asked:
        return
    say = None if dice < 0.35 else world.decision(at, 2, 1.0 if dice > 0.88 else 0.0, OPINIONS, chance)
    state, one = BatchState.PENDING, ApplicationState.PENDING
    if say:
        no = say.decision == Step.Decision.REFUSED
        state, one = (
            (BatchState.RETURNED, ApplicationState.REFUSED) if no else (BatchState.APPROVED, ApplicationState.APPROVED)
        )
    moved = say.at if say else at
    batch = _batch(world, union, asked, Purpose.NEW, at, say, state, moved)
    for person in asked:
        person.taken = state != BatchState.RETURNED
        remark = say.opinion if say and state == BatchState.RETURNED else ""
        _application(world, batch, person, Purpose.NEW, one, None, remark, moved)


def _lose(world: World, union: Grassroots, person: Person, card: dict[str, Any], chance: Random) -> None:
    """A card that was lost or is given back: the report waits for the superior, or for the desk."""
    loss = chance.random() < 0.7
    what, reason = (Purpose.LOSS, "会员本人口头挂失") if loss else (Purpose.CANCELLATION, "会员本人申请注销")
    old = chance.random() < 0.75
    at = world.clock.at(chance.randint(5, 150) if old else 1 + min(chance.expovariate(1 / 4), 12), chance)
    if at <= card["issued_at"]:
        return
    say = world.decision(at, 2, 0.0, OPINIONS, chance) if old else None
    state, one = (
        (BatchState.APPROVED, ApplicationState.APPROVED) if say else (BatchState.PENDING, ApplicationState.PENDING)
    )
    moved = say.at if say else at
    batch = _batch(world, union, [person], what, at, say, state, moved, reason)
    _application(world, batch, person, what, one, card["id"], "", moved)
    person.taken = True
    if loss:
        card |= {"state": CardState.LOST, "lost_at": at}


def _batch(
    world: World,
    union: Grassroots,
    people: Sequence[Person],
    what: Purpose,
    at: datetime,
    say: Say | None,
    state: BatchState,
    moved_at: datetime,
    reason: str = "",
) -> int:
    label, count, day = str(what.label), len(people), localdate(at)
    says = {ReviewPart.SUPERIOR: (union.superior, say)}
    review, _ = world.review("card_batch", union, at, says, title=f"{day:%m-%d} {label} {count} 人")
    pk = world.rows.id_on(Batch, at)
    world.rows.add(
        Batch, id=pk, union_id=union.pk, purpose=what, day=day, state=state, count=count, code=union.code[8:17], reason=reason,
        review_id=review, created_by_id=union.officer.pk, created_at=at, moved_at=moved_at,
    )  # fmt: skip
    about = (Batch, pk, f"{day} {label}")
    world.audit(
        "cardbatch.submitted", at, union.officer, union.pk, about, purpose=str(what), foreign=False, count=count
    )
    if say:
        no = say.decision == Step.Decision.REFUSED
        data = {"opinion": say.opinion} if no else {"count": count}
        world.audit(
            "cardbatch.returned" if no else "cardbatch.approved",
            say.at,
            union.superior.reviewer,
            union.pk,
            about,
            **data,
        )
        title = f"「{day} {label}」批次" + ("被退回" if no else "已审核通过")
        world.tell(union.officer, say.at, title, url=f"/cards/batches/{pk}/")
    return pk


def _application(
    world: World,
    batch: int,
    person: Person,
    what: Purpose,
    state: str,
    card: int | None,
    remark: str,
    moved_at: datetime,
) -> int:
    pk = world.rows.next_id(Application)
    world.rows.add(
        Application, id=pk, batch_id=batch, member_id=person.pk, purpose=what, state=state, printed_name=person.values.name,
        seen=seen(person.values), card_id=card, remark=remark, moved_at=moved_at,
    )  # fmt: skip
    return pk
