"""The steps of a card's life, in one function each."""

from collections.abc import Sequence

from django.core.files.base import ContentFile
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.cards.applications.actions import submit_batches
from gonghui.cards.holders.actions import issue_cards
from gonghui.cards.makers import Outcome, maker_of
from gonghui.cards.models import Application, Batch, Card, Line, Order, ResultFile, UnionCode
from gonghui.cards.orders import actions as orders
from gonghui.cards.orders import results
from gonghui.cards.orders.sample import number_in, sample_results
from gonghui.members.models import Member
from gonghui.reviews.actions import decide
from gonghui.unions.models import Union
from tests.factories import live, make_member, org_code
from tests.people import Cast


def coded(union: Union, by: User, serial: int = 5001) -> UnionCode:
    """The union has saved its code."""
    saved, _ = UnionCode.objects.get_or_create(union=union, defaults={"code": org_code(serial), "set_by": by})
    return saved


def submitted(cast: Cast, *members: Member, purpose: str = "new", reason: str = "") -> Batch:
    """The officer asks for the members' cards (for one invented member, if none is given)."""
    coded(cast.union, cast.officer)
    ids = [member.pk for member in members or [make_member(cast.union)]]
    reason = reason or ("" if purpose == "new" else "会员本人申请")
    (batch,) = submit_batches(cast.union, ids, purpose=purpose, reason=reason, by=cast.officer)
    return batch


def approved(cast: Cast, *members: Member, **more: str) -> Batch:
    batch = submitted(cast, *members, **more)
    decide(batch.review, decision="approved", opinion="", by=cast.reviewer)
    return live(batch)


def gathered(cast: Cast, *batches: Batch) -> Order:
    """The city gathers the batches, and the job builds the file."""
    order = orders.gather(
        batches[0].purpose, foreign=batches[0].foreign, batches=[batch.pk for batch in batches], by=cast.platform_admin
    )
    orders.build(order.pk)
    return live(order)


def exported(cast: Cast, *batches: Batch) -> Order:
    return orders.export_order(gathered(cast, *batches), by=cast.platform_admin)


def file_of(order: Order) -> bytes:
    return b"".join(order.parts.contents())


def answer(
    order: Order, *, failed: Sequence[int] = (), only: Sequence[int] | None = None, failure: str = "证件信息核查不一致"
) -> bytes:
    """Returns the card maker's file: all cards are made (of ``only``), except the sequences of ``failed``."""
    lines = Line.objects.filter(order=order, sequence__isnull=False).order_by("sequence")
    outcomes = []
    for line in lines.select_related("application__member", "application__card"):
        if only is not None and line.sequence not in only:
            continue
        number = line.application.member.number
        if line.sequence in failed:
            outcomes.append(Outcome(0, line.sequence, number, "", "E01", failure))
        else:
            card = line.application.card
            outcome = (
                card.number if card and order.purpose in ("loss", "cancellation") else number_in(order, line.sequence)
            )
            outcomes.append(Outcome(0, line.sequence, number, outcome))
    return maker_of(order.maker).write_results(order.number, localdate(), outcomes)


def read(cast: Cast, order: Order, data: bytes, name: str = "结果.txt") -> ResultFile:
    """Uploads the file, and runs the job."""
    result = results.upload_results(order, ContentFile(data, name), by=cast.platform_admin)
    results.process(result.pk)
    return live(result)


def made(cast: Cast, *members: Member, **more: str) -> Batch:
    """From the application to the card at the union."""
    batch = approved(cast, *members, **more)
    order = exported(cast, batch)
    read(cast, order, sample_results(order, failing=0))
    return live(batch)


def carded(cast: Cast, *members: Member) -> list[Card]:
    """With the card handed out."""
    batch = made(cast, *members)
    issue_cards(batch, None, by=cast.officer)
    return list(Card.objects.filter(applications__batch=batch).order_by("pk"))


def only(batch: Batch) -> Application:
    return batch.applications.get()
