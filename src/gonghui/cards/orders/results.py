"""The card maker's result files: checked as a whole, then processed by a job, member by member (SPEC 4.4).

A file is refused as a whole, with the line and the remedy, or processed as a whole in one transaction. So a
killed job changes nothing, and its next run processes the file again.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, NamedTuple
from uuid import uuid4

from django.core.files import File
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from stdnum import luhn

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.cards import card_states
from gonghui.cards.makers import BadFile, Outcome, maker_of
from gonghui.cards.makers.base import Source, sm3
from gonghui.cards.models import Application, Batch, Card, Line, Order, ResultFile, ResultPart
from gonghui.cards.notifications import notify_results
from gonghui.cards.orders.actions import CHUNK, MAX_ORDER_MEMBERS, require_desk
from gonghui.cards.states import MAKING, ApplicationState, CardState, Event, LineState, OrderState, Purpose, ResultState
from gonghui.kit import crypto
from gonghui.kit.bulk import checks_at_once, execute
from gonghui.kit.errors import Refused
from gonghui.kit.jobs import defer
from gonghui.kit.sealing import purpose
from gonghui.notices.actions import notify

verbs.register(
    cardorder__result_uploaded="上传制卡结果",
    cardorder__result_read="读入制卡结果",
    cardorder__result_dropped="制卡结果未能读入",
)
verbs.facts("cardorder", lines="行数", made="成功", failed="失败", known="已有结果")


PIECE_BYTES = 128 * 1024
"""Number of bytes that are read and sealed at a time: memory does not grow with the file."""


class Place(NamedTuple):
    """A line of the order with its application, member and card. Plain columns: an order has many lines."""

    pk: int
    sequence: int
    state: str
    failure: str
    card_hash: memoryview | bytes | None
    application: int
    printed_name: str
    member: int
    member_number: str
    card: int | None
    number_hash: memoryview | bytes | None

    @property
    def state_label(self) -> str:
        return str(LineState(self.state).label)


_PLACE = (
    "pk", "sequence", "state", "failure", "card_hash", "application", "application__printed_name", "application__member",
    "application__member__number", "application__card", "application__card__number_hash",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with its line; ``known`` if an identical outcome was read before."""

    outcome: Outcome
    line: Place
    hash: bytes | None
    known: bool


def upload_results(order: Order, file: "File[bytes]", *, by: User) -> ResultFile:
    """Checks a whole file, and queues it, sealed in parts.

    Raises Refused with the line and its fault.
    """
    from gonghui.cards.tasks import take_results

    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order.pk)
        require_desk(by)
        _require_awaited(order)
        digest = sm3(_pieces(file))
        if duplicate := ResultFile.objects.filter(order=order, digest=digest).select_related("read_by").first():
            raise Refused(
                f"这个文件已由 {duplicate.read_by} 于 {localtime(duplicate.read_at):%Y-%m-%d %H:%M} 读入（“{duplicate.filename}”），不需要重复读入。",
                field="file",
            )
        if ResultFile.objects.filter(order=order, state=ResultState.READING).exists():
            raise Refused("上一个结果文件正在读入，请等它完成再上传。", field="file")
        try:
            lines, fresh = _tally(order, partial(_pieces, file))
        except BadFile as bad:
            raise Refused(f"{bad.sentence}没有读入任何内容。", field="file") from bad
        if not fresh:
            raise Refused(f"文件中的 {lines} 行都已有相同的结果，没有新的内容，不需要读入。", field="file")
        result = ResultFile.objects.create(
            order=order, filename=(file.name or "")[:200], digest=digest, lines=lines, read_by=by
        )
        for position, piece in enumerate(_pieces(file)):
            owner = uuid4()
            sealed = purpose(ResultPart, "content_sealed").seal_bytes(piece, owner)
            ResultPart.objects.create(result=result, position=position, seal_id=owner, content_sealed=sealed)
        record("cardorder.result_uploaded", order, by=by, union=by.union, lines=lines, digest=digest)
        defer(take_results, result_id=result.pk)
    return result


def _pieces(file: "File[bytes]") -> Iterator[bytes]:
    """Yields the file from its start. ``file.chunks`` would yield an upload in memory as one piece."""
    file.seek(0)
    while piece := file.read(PIECE_BYTES):
        yield piece


def _require_awaited(order: Order) -> None:
    if order.state in (OrderState.BUILDING, OrderState.READY):
        raise Refused(f"订单 {order.number} 还没有导出，不会有结果。请先导出制卡文件交给制卡方。", field="file")
    if order.state == OrderState.CANCELLED:
        raise Refused(f"订单 {order.number} 已取消，不能读入结果。", field="file")


def _tally(order: Order, source: Source) -> tuple[int, int]:
    lines = fresh = 0
    for chunk in verdicts(order, source):
        lines += len(chunk)
        fresh += sum(not verdict.known for verdict in chunk)
    return lines, fresh


def verdicts(order: Order, source: Source) -> Iterator[list[Verdict]]:
    """Yields the file's outcomes in chunks, each with its line of this order. Raises BadFile, also while iterating."""
    results = _required(maker_of(order.maker).read_results(source, order.number))
    numbers: set[bytes] = set()
    while outcomes := list(islice(results, CHUNK)):
        yield _matched(order, outcomes, numbers)


def _required(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Checks the rules for every format (docs/card-maker.md): ascending unique sequences, card numbers of made cards."""
    before = 0
    for outcome in outcomes:
        if outcome.sequence <= before:
            fault = "重复" if outcome.sequence == before else "重复或没有按从小到大排列"
            raise BadFile(
                f"第 {outcome.row} 行：序号 {outcome.sequence} 与前面的行{fault}。同一人只能有一行结果，请让制卡方核对后重新发送。"
            )
        before = outcome.sequence
        if outcome.made and not (
            re.fullmatch(r"[0-9]{16,19}", outcome.card_number) and luhn.is_valid(outcome.card_number)
        ):
            raise BadFile(f"第 {outcome.row} 行的卡号不是 16 至 19 位数字，或校验位不对。请让制卡方核对后重新发送。")
        if outcome.card_number and not outcome.made:
            raise BadFile(f"第 {outcome.row} 行是失败的结果，应有失败代码、没有卡号。请让制卡方核对后重新发送。")
        yield outcome


def _matched(order: Order, outcomes: list[Outcome], numbers: set[bytes]) -> list[Verdict]:
    rows = Line.objects.filter(
        order=order, sequence__in=[outcome.sequence for outcome in outcomes if outcome.sequence <= MAX_ORDER_MEMBERS]
    )
    lines = {row.sequence: row for row in map(Place._make, rows.values_list(*_PLACE))}
    hashes = [crypto.fingerprint(outcome.card_number) if outcome.made else None for outcome in outcomes]
    new_hashes = [digest for digest in hashes if digest] if order.purpose in MAKING else []
    owners = {
        bytes(number_hash): member
        for number_hash, member in Card.objects.filter(number_hash__in=new_hashes).values_list("number_hash", "member")
    }
    matched = []
    for outcome, number_hash in zip(outcomes, hashes, strict=True):
        line = lines.get(outcome.sequence)
        if line is None:
            raise BadFile(
                f"第 {outcome.row} 行：序号 {outcome.sequence} 不在订单 {order.number} 中。请让制卡方核对后重新发送。"
            )
        if line.member_number != outcome.member_number:
            raise BadFile(
                f"第 {outcome.row} 行：会员编号与订单中序号 {outcome.sequence} 的不符。请让制卡方核对后重新发送。"
            )
        repeated = _is_known(line, outcome, number_hash)
        if number_hash and not repeated:
            _refuse_number(order, outcome, line, number_hash, number_hash in numbers or number_hash in owners)
        if number_hash:
            numbers.add(number_hash)
        matched.append(Verdict(outcome, line, number_hash, repeated))
    return matched


def _is_known(line: Place, outcome: Outcome, number_hash: bytes | None) -> bool:
    if line.state == LineState.AWAITED:
        return False
    same = bytes(line.card_hash or b"") == number_hash if outcome.made else line.failure == _failure(outcome)
    if (line.state == LineState.DONE) != outcome.made or not same:
        raise BadFile(
            f"第 {outcome.row} 行：序号 {outcome.sequence} 已有结果（{line.state_label}），与这次的不同，不能改变。"
            "请让制卡方核对；失败的会员请在订单中重新制卡。"
        )
    return True


def _refuse_number(order: Order, outcome: Outcome, line: Place, number_hash: bytes, taken: bool) -> None:
    if order.purpose in MAKING:
        if taken:
            raise BadFile(
                f"第 {outcome.row} 行：卡号与另一张卡的相同。一个卡号只能属于一张卡，请让制卡方核对后重新发送。"
            )
    elif line.number_hash is None or bytes(line.number_hash) != number_hash:
        raise BadFile(
            f"第 {outcome.row} 行：卡号不是订单中序号 {outcome.sequence} 的那张卡的。请让制卡方核对后重新发送。"
        )


def _failure(outcome: Outcome) -> str:
    return f"{outcome.failure_code} {outcome.failure}".strip()


def process(result_id: int) -> None:
    """Processes a queued file, member by member, in one transaction. Safe to repeat."""
    with transaction.atomic():
        order_id = ResultFile.objects.values_list("order", flat=True).get(pk=result_id)
        order = Order.objects.select_for_update().get(pk=order_id)
        result = ResultFile.objects.select_related("read_by").get(pk=result_id)
        if result.is_reading:
            try:
                with transaction.atomic(), checks_at_once():
                    _take(order, result)
            except BadFile as bad:  # the order's lines have changed since the check
                _drop(order, result, bad.sentence)


def give_up(result_id: int) -> None:
    """Deletes a file that was not processed, so that its order can take another file, and notifies the uploader."""
    with transaction.atomic():
        order = Order.objects.select_for_update().filter(results__pk=result_id).first()
        result = ResultFile.objects.select_related("read_by").filter(pk=result_id).first()
        if order and result and result.is_reading:
            _drop(
                order,
                result,
                "读入中断，没有读入任何内容。请重新上传制卡方发来的原文件；如果一直如此，请联系技术支持。",
            )


def _drop(order: Order, result: ResultFile, reason: str) -> None:
    record("cardorder.result_dropped", order, by=None, union=result.read_by.union, reason=reason)
    url = reverse("cards:order", args=[order.pk])
    notify([result.read_by], f"订单 {order.number} 的结果文件没有读入", body=reason, url=url, mail=False)
    result.delete()


def _take(order: Order, result: ResultFile) -> None:
    lines = Line.objects.filter(order=order)
    batches = list(
        Batch.objects.filter(pk__in=lines.values("application__batch"))
        .select_for_update()
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for chunk in verdicts(order, result.parts.contents):
        fresh = [verdict for verdict in chunk if not verdict.known]
        made, failed = (
            [verdict for verdict in fresh if verdict.outcome.made],
            [verdict for verdict in fresh if not verdict.outcome.made],
        )
        _fail(failed)
        _make(order, made) if order.purpose in MAKING else _confirm(order, made)
        _answer(result, fresh)
        result.known += len(chunk) - len(fresh)
        result.made += len(made)
        result.failed += len(failed)
    card_states.refresh_batch_states(batches)
    result.state = ResultState.DONE
    result.save()
    if not lines.filter(state=LineState.AWAITED).exists():
        order.state, order.ended_at = OrderState.DONE, timezone.now()
        order.save()
    record(
        "cardorder.result_read", order, by=result.read_by, union=result.read_by.union, made=result.made,
        failed=result.failed, known=result.known,
    )  # fmt: skip
    notify_results(order, result)


def _make(order: Order, made: list[Verdict]) -> None:
    """Creates the made cards, and ends those that they replace."""
    lines = [verdict.line for verdict in made]
    replacing = order.purpose == Purpose.REPLACEMENT
    if replacing:
        card_states.end_cards([line.card for line in lines if line.card], CardState.REPLACED)
    cards = Card.objects.bulk_create(
        Card(
            member_id=line.member,
            seal_id=(owner := uuid4()),
            number_sealed=purpose(Card, "number_sealed").seal(verdict.outcome.card_number, owner),
            number_hash=verdict.hash,
            printed_name=line.printed_name,
            foreign=order.foreign,
            replaces_id=line.card if replacing else None,
        )
        for verdict, line in zip(made, lines, strict=True)
    )
    ids = [line.application for line in lines]
    execute(_MADE, {"ids": ids, "cards": [card.pk for card in cards], "now": timezone.now()})
    card_states.refresh_has_card([line.member for line in lines])
    card_states.count_event(Event.MADE, ids)


def _confirm(order: Order, done: list[Verdict]) -> None:
    """Ends the applications of cards that the card maker has blocked (loss) or closed (cancellation)."""
    ids = [verdict.line.application for verdict in done]
    card_states.set_state(Application.objects.filter(pk__in=ids), ApplicationState.DONE, remark="")
    if order.purpose == Purpose.CANCELLATION:
        card_states.end_cards([verdict.line.card for verdict in done if verdict.line.card], CardState.CANCELLED)
        card_states.refresh_has_card([verdict.line.member for verdict in done])
        card_states.count_event(Event.CANCELLED, ids)


def _fail(failed: list[Verdict]) -> None:
    ids, remarks = [verdict.line.application for verdict in failed], [_failure(verdict.outcome) for verdict in failed]
    execute(_FAILED, {"ids": ids, "remarks": remarks, "now": timezone.now()})
    card_states.count_event(Event.FAILED, ids)


def _answer(result: ResultFile, verdicts: list[Verdict]) -> None:
    values: dict[str, Any] = {
        "result": result.pk,
        "ids": [verdict.line.pk for verdict in verdicts],
        "states": [str(LineState.DONE if verdict.outcome.made else LineState.FAILED) for verdict in verdicts],
        "hashes": [verdict.hash for verdict in verdicts],
        "failures": [_failure(verdict.outcome) for verdict in verdicts],
    }
    execute(_ANSWERED, values)


# By the ids twice: the planner takes an array that is joined for ten rows or a thousand, as it likes, and may read the
# whole table instead.
_applications, _lines = Application._meta.db_table, Line._meta.db_table
_MADE = f"""
UPDATE {_applications} AS application SET state = 'made', card_id = made.card, remark = '', moved_at = %(now)s
FROM unnest(%(ids)s::bigint[], %(cards)s::bigint[]) AS made (id, card)
WHERE application.id = made.id AND application.id = ANY(%(ids)s)
"""  # noqa: S608
_FAILED = f"""
UPDATE {_applications} AS application SET state = 'failed', remark = failed.remark, moved_at = %(now)s
FROM unnest(%(ids)s::bigint[], %(remarks)s::text[]) AS failed (id, remark)
WHERE application.id = failed.id AND application.id = ANY(%(ids)s)
"""  # noqa: S608
_ANSWERED = f"""
UPDATE {_lines} AS line SET state = answer.state, card_hash = answer.hash, failure = answer.failure, result_id = %(result)s
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(hashes)s::bytea[], %(failures)s::text[])
    AS answer (id, state, hash, failure)
WHERE line.id = answer.id AND line.id = ANY(%(ids)s)
"""  # noqa: S608
