"""The city's card desk: gathers approved batches into an order, builds and exports the card maker's file, and orders
failed cards again (SPEC 4.4). `results.py` reads the results.

Locks in one order: the city's row (one order is gathered at a time), the order, batches by id, applications by id.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from uuid import uuid4

from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.cards import card_states
from gonghui.cards.applications.preflight import Checked, examine, seen
from gonghui.cards.codes import nczy_code
from gonghui.cards.makers import Head, Maker, Record, maker_of
from gonghui.cards.makers.base import Unprintable
from gonghui.cards.models import Application, Batch, Line, Order, Part, ResultPart
from gonghui.cards.notifications import notify_built, settle_order
from gonghui.cards.orders.disclosure import ONLY_THE_DESK, disclose, recall_disclosures, require_file
from gonghui.cards.rules import can_run_desk
from gonghui.cards.states import ApplicationState, BatchState, Event, LineState, OrderState, Purpose
from gonghui.exports.models import ExportState as DisclosureState
from gonghui.exports.own_files import hand_out
from gonghui.kit.bulk import execute
from gonghui.kit.errors import Refused
from gonghui.kit.jobs import defer
from gonghui.kit.sealing import purpose
from gonghui.notices.actions import notify
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

verbs.register(
    cardorder__gathered="汇总制卡订单",
    cardorder__built="生成制卡文件",
    cardorder__exported="导出制卡文件",
    cardorder__cancelled="取消制卡订单",
)
verbs.looks(cardorder__exported=verbs.EACH)
verbs.facts(
    "cardorder", purpose=("类型", Purpose), foreign="外籍人士", sent="写入文件", left_out="未写入", digest="校验值"
)

MAX_ORDER_MEMBERS = 50_000
"""Maximum number of members of one order: its results, some hundred bytes a line, fit one upload."""

CHUNK = 1_000
"""Number of lines checked, sealed and written at a time: memory does not grow with the order."""

CHANGED = "姓名、证件或出生日期在审核之后已修改，请终止后重新申请"


def gather(purpose: str, *, foreign: bool, batches: Sequence[int], by: User) -> Order:
    """Gathers approved batches of one purpose and kind into an order; a job builds its file.

    Raises Refused: ``by`` may not, nothing was chosen, one of the batches no longer waits, or too many members.
    """
    with transaction.atomic():
        _lock_desk(by)
        waiting = Batch.objects.filter(pk__in=batches, purpose=purpose, foreign=foreign, state=BatchState.APPROVED)
        locked = list(waiting.select_for_update().order_by("pk").values_list("pk", flat=True))
        if not batches:
            raise Refused("请先勾选要汇总的批次。")
        if missing := len(set(batches)) - len(locked):
            raise Refused(f"有 {missing} 个批次已不在待制卡之列（可能已汇总到别的订单），没有生成订单。请刷新页面。")
        rows = Application.objects.filter(batch__in=locked, state=ApplicationState.APPROVED)
        return _order(purpose, foreign, list(rows.select_for_update().order_by("pk").values_list("pk", flat=True)), by)


def retry(order: Order, *, by: User) -> tuple[Order, list[str]]:
    """「重新制卡」: orders again for the failed members of ``order`` who now pass the preflight.

    Returns the new order, and the reasons for the other members. Raises Refused: ``by`` may not, or no member passes.
    """
    with transaction.atomic():
        _lock_desk(by)
        failed = Application.objects.failed_in(order)
        batches = Batch.objects.filter(pk__in=failed.values("batch"))
        list(batches.select_for_update().order_by("pk").values_list("pk", flat=True))
        applications = list(failed.select_for_update(of=("self",)).select_related("member").order_by("pk"))
        checked = examine([application.member for application in applications], order.purpose, asked=True)
        fit, unfit = [], []
        for application in applications:
            if reason := _unfit(application, checked[application.member_id]):
                unfit.append(f"{application.member.name}：{reason}")
            else:
                application.printed_name = checked[application.member_id].printed_name
                fit.append(application)
        if not fit:
            reasons = "；".join(unfit[:5]) or "没有失败的会员"
            raise Refused(f"没有可以重新制卡的会员：{reasons}。")
        Application.objects.bulk_update(fit, ["printed_name"])
        return _order(order.purpose, order.foreign, [application.pk for application in fit], by), unfit


def _unfit(application: Application, checked: Checked) -> str:
    if checked.problems:
        return checked.reasons
    return CHANGED if bytes(application.seen) != seen(checked.member) else ""


def _lock_desk(by: User) -> None:
    """Locks the city's row: one order is made at a time. Raises Refused as `require_desk`."""
    Union.objects.select_for_update(no_key=True).get(kind=UnionKind.CITY)
    require_desk(by)


def require_desk(by: User) -> None:
    """Raises Refused when ``by`` does not run the card desk, or no longer."""
    require(can_run_desk, by, sentence=ONLY_THE_DESK)


def _order(purpose: str, foreign: bool, applications: Sequence[int], by: User) -> Order:
    from gonghui.cards.tasks import build_order

    if len(applications) > MAX_ORDER_MEMBERS:
        raise Refused(
            f"一个订单最多 {MAX_ORDER_MEMBERS:,} 人，现在有 {len(applications):,} 人。请减少勾选，分成几个订单。"
        )
    last = Order.objects.filter(day=localdate()).aggregate(last=Max("serial"))["last"] or 0
    order = Order.objects.create(
        serial=last + 1,
        purpose=purpose,
        foreign=foreign,
        maker=settings.ENVIRONMENT.card_maker,
        count=len(applications),
        created_by=by,
    )
    execute(_LINES, {"order": order.pk, "ids": list(applications)})
    rows = Application.objects.filter(pk__in=applications)
    card_states.set_state(rows, ApplicationState.MAKING, remark="")
    card_states.refresh_batch_states(rows.values_list("batch", flat=True))
    record("cardorder.gathered", order, by=by, union=by.union, purpose=purpose, foreign=foreign, count=order.count)
    defer(build_order, order_id=order.pk)
    return order


def build(order_id: int) -> None:
    """Writes the order's file in one transaction. A killed run leaves nothing; a second run finds the file done."""
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).select_related("created_by").get(pk=order_id)
        if order.is_building:
            _build(order, maker_of(order.maker))


def _build(order: Order, maker: Maker) -> None:
    # Locks the batches before their applications, in the same order as all other actions on cards.
    batches = Batch.objects.filter(applications__lines__order=order).order_by("pk")
    list(Batch.objects.filter(pk__in=batches.values("pk")).select_for_update().order_by("pk").values_list("pk"))
    # Deletes the parts of a killed run: the file is built completely or not.
    order.parts.all().delete()
    sent, homes = 0, _Homes(order)
    rows = Line.objects.filter(order=order).select_related("application__member", "application__card")
    ordered = rows.order_by("application__batch__union__level3", "application__batch__union", "application")
    for position, lines in enumerate(_chunks(ordered.iterator(chunk_size=CHUNK)), 1):
        written = _write(order, maker, lines, sent, homes)
        sent += len(written)
        if written:
            _part(order, position, b"".join(written))
    order.sent = sent
    if not sent:
        order.state, order.ended_at = OrderState.CANCELLED, timezone.now()
    else:
        _finish(order, maker)
    order.save()
    # The members without a line have their state only now; the batches' states follow from it.
    card_states.refresh_batch_states(batches.values_list("pk", flat=True))
    record("cardorder.built", order, by=None, union=order.created_by.union, sent=sent, left_out=order.count - sent)
    notify_built(order)


def _write(order: Order, maker: Maker, lines: Sequence[Line], sent: int, homes: "_Homes") -> list[bytes]:
    """Returns the lines' bytes in sequence from ``sent`` + 1; leaves out members who no longer pass, with the reason."""
    checked = examine([line.application.member for line in lines], order.purpose, asked=True)
    written: list[bytes] = []
    left_out = []
    for line in lines:
        application = line.application
        result = checked[application.member_id]
        line.failure = _unfit(application, result)
        if not line.failure:
            try:
                written.append(maker.line(_record_of(application, result, sent + len(written) + 1, homes)))
            except (Unprintable, Refused) as error:
                line.failure = str(error).removesuffix("。")
        line.sequence = None if line.failure else sent + len(written)
        if line.failure:
            left_out.append(line)
    sequences = [(line.pk, line.sequence) for line in lines if line.sequence]
    execute(_SEQUENCES, {"ids": [pk for pk, _ in sequences], "sequences": [sequence for _, sequence in sequences]})
    for line in left_out:
        Line.objects.filter(pk=line.pk).update(state=LineState.LEFT_OUT, failure=line.failure)
        card_states.set_state(
            Application.objects.filter(pk=line.application_id), ApplicationState.FAILED, remark=line.failure
        )
    card_states.count_event(Event.FAILED, [line.application_id for line in left_out])
    return written


def _record_of(application: Application, checked: Checked, sequence: int, homes: "_Homes") -> Record:
    member, (code, nczy, union) = application.member, homes.of(application.batch_id)
    assert member.born_on  # noqa: S101 (preflight)
    return Record(
        sequence=sequence,
        member_number=member.number,
        printed_name=application.printed_name,
        name=member.name,
        document_type=member.document_type,
        document_number=member.document_number,
        sex=member.sex,
        born_on=member.born_on,
        mobile=member.mobile,
        address=member.address,
        union_code=code,
        nczy=nczy,
        union_name=union,
        card_number=application.card.number if application.card else "",
    )


class _Homes:
    """The union's code, NCZY代码 and name of each batch of the order, read once. Raises Refused for a batch without one."""

    def __init__(self, order: Order) -> None:
        rows = Batch.objects.filter(applications__lines__order=order).distinct()
        self.batches = {row.pk: row for row in rows.select_related("union__level2")}

    def of(self, batch_id: int) -> tuple[str, str, str]:
        batch = self.batches[batch_id]
        return batch.code, nczy_code(batch.union), batch.union.name


def _finish(order: Order, maker: Maker) -> None:
    """Writes head and foot, now that the count is known; the digest covers everything before the foot."""
    head = Head(order.number, order.purpose, order.foreign, order.day, order.sent)
    _part(order, 0, maker.head(head))
    digest, size = hashes.Hash(hashes.SM3()), 0
    for content in order.parts.contents():
        digest.update(content)
        size += len(content)
    order.digest = digest.finalize().hex()
    foot = maker.foot(head, order.parts.contents)
    _part(order, CHUNK * CHUNK, foot)
    order.size, order.state = size + len(foot), OrderState.READY


def _part(order: Order, position: int, content: bytes) -> None:
    owner = uuid4()
    sealed = purpose(Part, "content_sealed").seal_bytes(content, owner)
    Part.objects.create(order=order, position=position, seal_id=owner, content_sealed=sealed)


def _chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    rows = iter(lines)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def export_order(order: Order, *, by: User) -> Order:
    """「导出制卡文件」: recorded each time; the bytes are always the built ones (its parts' ``contents()``).

    Raises Refused: ``by`` may not, the file is not built yet, the order was cancelled, or a second person must approve
    first, who is asked.
    """
    disclosure = disclose(order, by=by)
    if disclosure.state == DisclosureState.PENDING:
        raise Refused(f"这份制卡文件等待{disclosure.decides}批准，批准以后才能导出。")
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order.pk)
        require_desk(by)
        require_file(order)
        hand_out(disclosure.pk, by=by)
        if order.state == OrderState.READY:
            order.state, order.exported_by, order.exported_at = OrderState.EXPORTED, by, timezone.now()
            order.save()
            settle_order(order)
        record("cardorder.exported", order, by=by, union=by.union, count=order.sent, digest=order.digest)
    return order


def drop_old_files(before: datetime) -> None:
    """Deletes the files of orders that ended before a time; the results remain in the lines."""
    ended = Order.objects.filter(ended_at__lt=before)
    Part.objects.filter(order__in=ended).delete()
    ResultPart.objects.filter(result__order__in=ended).delete()


def cancel_order(order: Order, *, by: User) -> None:
    """「取消订单」, until it is exported: its members wait for another order. Raises Refused after that."""
    with transaction.atomic():
        _lock_desk(by)
        order = Order.objects.select_for_update().get(pk=order.pk)
        if order.state != OrderState.READY:
            raise Refused(f"订单 {order.number} {order.get_state_display()}，不能取消。只有还没有导出的订单可以取消。")
        _release(order, by.union, by=by)
        recall_disclosures(order, by=by)


def give_up(order_id: int) -> None:
    """Cancels an order whose file was not written: its members wait for another order. Notifies its creator."""
    with transaction.atomic():
        Union.objects.select_for_update(no_key=True).get(kind=UnionKind.CITY)
        order = Order.objects.select_for_update(of=("self",)).select_related("created_by__union").get(pk=order_id)
        if not order.is_building:
            return
        count = _release(order, order.created_by.union, by=None, reason="文件没有生成")
        body = f"{count} 名会员已回到待制卡，请重新汇总；如果一直如此，请联系技术支持。"
        url = reverse("cards:order", args=[order.pk])
        title = f"制卡订单 {order.number} 的文件没有生成，订单已取消"
        notify([order.created_by], title, body=body, url=url, mail=False)


def _release(order: Order, union: Union | None, *, by: User | None, **why: str) -> int:
    """Ends a locked order before its export. Returns the number of members who wait for another order."""
    rows = Application.objects.filter(lines__order=order, lines__state=LineState.AWAITED)
    batches = Batch.objects.filter(pk__in=rows.values("batch")).select_for_update().order_by("pk")
    locked, ids = list(batches.values_list("pk", flat=True)), list(rows.values_list("pk", flat=True))
    card_states.set_state(Application.objects.filter(pk__in=ids), ApplicationState.APPROVED)
    card_states.refresh_batch_states(locked)
    order.parts.all().delete()
    order.state, order.ended_at = OrderState.CANCELLED, timezone.now()
    order.save()
    settle_order(order)
    record("cardorder.cancelled", order, by=by, union=union, count=len(ids), **why)
    return len(ids)


_lines = Line._meta.db_table
_LINES = f"""
INSERT INTO {_lines} (order_id, application_id, state, failure)
SELECT %(order)s, id, 'awaited', '' FROM unnest(%(ids)s::bigint[]) AS id
"""  # noqa: S608
_SEQUENCES = f"""
UPDATE {_lines} AS line SET sequence = given.sequence
FROM unnest(%(ids)s::bigint[], %(sequences)s::int[]) AS given (id, sequence)
WHERE line.id = given.id AND line.id = ANY(%(ids)s)
"""  # noqa: S608
