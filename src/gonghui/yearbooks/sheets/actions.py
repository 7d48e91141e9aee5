"""A sheet is filled in, signed (签报), sent back (退回): from the lowest superior up to the city."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.notices.actions import settle
from gonghui.yearbooks.models import MAX_EXPLANATION, MAX_REASON, MAX_VALUE, Entry, Sheet, SheetState, Signature
from gonghui.yearbooks.notifications import task_of, tell_to_sign
from gonghui.yearbooks.rules import can_see_sheet, can_send_back, can_sign
from gonghui.yearbooks.sheets.rows import content_of, digest, holding, live_rows, problems
from gonghui.yearbooks.sheets.workbook import write_workbook

verbs.register(
    yearbook__filled="填报年报",
    yearbook__signed="签报年报",
    yearbook__returned="退回年报",
    yearbook__exported="导出年报",
)
verbs.facts("yearbook", digest="校验值")

MAY_NOT = "只有本工会的管理员和审核人可以填报和签报年报；已撤销的工会，由它的上级填报和签报。"
_NAMED = 5


def fill(sheet: Sheet, values: Mapping[int, int | None], words: Mapping[int, str], *, version: int, by: User) -> None:
    """Saves what was typed, by the lines' positions: numbers of the lowest sheets, and words on changes.

    Raises Refused: ``by`` may not, the sheet is signed or was changed since ``version``, or something cannot be.
    """
    with transaction.atomic():
        sheet = _lock(sheet)
        require(can_sign, by, sheet, sentence=MAY_NOT)
        _require_unsigned(sheet)
        _require_seen(sheet, version)
        lowest = not sheet.below.exists()
        for line in sheet.yearbook.lines.all():
            value = values.get(line.position) if lowest and line.is_asked else None
            explanation = " ".join(words.get(line.position, "").split())
            if value is not None and not 0 <= value <= MAX_VALUE:
                raise Refused(f"{line}应为 0 至 {MAX_VALUE:,} 的整数。", field=f"value_{line.position}")
            if len(explanation) > MAX_EXPLANATION:
                raise Refused(f"{line}的说明不能超过 {MAX_EXPLANATION} 个字。", field=f"words_{line.position}")
            typed = {"value": value, "explanation": explanation}
            Entry.objects.update_or_create(sheet=sheet, line=line, defaults=typed)
        sheet.saved_by, sheet.saved_at = by, timezone.now()
        _save(sheet)
        record("yearbook.filled", sheet, by=by, union=sheet.node)


def sign(sheet: Sheet, *, version: int, by: User) -> Signature:
    """Signs a sheet: its rows are kept as they are, and whoever signs above is told when all below have.

    Raises Refused: ``by`` may not, it is signed or was changed since ``version``, somebody below has not signed, or a
    rule of the table is broken.
    """
    with transaction.atomic():
        sheet = _lock(sheet)
        require(can_sign, by, sheet, sentence=MAY_NOT)
        _require_unsigned(sheet)
        _require_seen(sheet, version)
        _require_signed_below(sheet)
        rows = live_rows(sheet)
        if found := [*problems(rows)]:
            raise Refused("".join(found))
        content, at = content_of(sheet, rows, by), timezone.now()
        signature = Signature.objects.create(
            sheet=sheet, content=content, digest=digest(content, at), signed_by=by, signed_at=at
        )
        sheet.state = SheetState.SIGNED
        sheet.returned_by, sheet.returned_at, sheet.returned_for = None, None, ""
        _save(sheet)
        record("yearbook.signed", sheet, by=by, union=sheet.node, digest=signature.digest.hex())
        settle([task_of(sheet)])
        if sheet.above:
            _save(sheet.above)
            if not sheet.above.below.exclude(state=SheetState.SIGNED).exists():
                tell_to_sign([sheet.above], "的下级都已签报，请汇总后签报")
    return signature


def send_back(sheet: Sheet, *, reason: str, version: int, by: User) -> None:
    """Sends a signed sheet back to its union; the own signature above it, which contains it, ends too.

    Raises Refused: ``by`` may not, it is not signed or was changed since ``version``, the union above has had the own
    sheet taken over into its signature, or there is no reason.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > MAX_REASON:
        raise Refused(f"请填写退回的原因，不超过 {MAX_REASON} 个字。", field="reason")
    with transaction.atomic():
        sheet = _lock(sheet)
        require(can_send_back, by, sheet, sentence="只有上级工会的管理员和审核人可以退回它的年报。")
        own = sheet.above
        assert own is not None  # noqa: S101 (the rule)
        if not sheet.is_signed:
            raise Refused(f"{sheet.node}还没有签报，或者已经退回，不用再退回。")
        _require_seen(sheet, version)
        if own.above and own.above.is_signed:
            raise Refused(f"{own.above.node}已经签报，不能再退回。确需更正的，请{own.above.node}先退回本级。")
        if own.is_signed:
            _unsign(own, by)
            own.state = SheetState.PENDING
        _unsign(sheet, by)
        sheet.state = SheetState.RETURNED
        sheet.returned_by, sheet.returned_at, sheet.returned_for = by, timezone.now(), reason
        for one in (own, sheet, *([own.above] if own.above else [])):
            _save(one)
        record("yearbook.returned", sheet, by=by, union=own.node, reason=reason)
        settle([task_of(own)])
        tell_to_sign([sheet], f"已由{own.node}退回，请更正后重新签报", why=f"原因：{reason}。")


def export_workbook(sheet: Sheet, path: Path, *, by: User) -> None:
    """Writes what was signed: the same bytes each time. Raises Refused: ``by`` may not, or it is not signed."""
    require(can_see_sheet, by, sheet, sentence="只能导出本工会和下级工会的年报。")
    signature = holding(sheet)
    if signature is None:
        raise Refused("这份年报还没有签报，没有可以导出的数。请在签报以后再导出。")
    with transaction.atomic(), tempfile.TemporaryDirectory() as folder:
        write_workbook(signature, path, folder)
        record("yearbook.exported", sheet, by=by, union=by.union, digest=bytes(signature.digest).hex())


def _unsign(sheet: Sheet, by: User) -> None:
    sheet.signatures.filter(ended_at=None).update(ended_at=timezone.now(), ended_by=by)


def _save(sheet: Sheet) -> None:
    """What the sheet says has changed: a page of before is told."""
    sheet.version += 1
    sheet.save()


def _lock(sheet: Sheet) -> Sheet:
    """Returns the sheet with the two above it, locked from the city down, as all who change any of them lock them."""
    above = sheet.above
    chain = [one for one in (above and above.above_id, above and above.pk, sheet.pk) if one]
    rows = Sheet.objects.filter(pk__in=chain).select_for_update(no_key=True, of=("self",))
    found = {one.pk: one for one in rows.select_related("node", "yearbook").order_by("pk")}
    for one in found.values():
        one.above = found.get(one.above_id or 0) if one.above_id else None
    return found[sheet.pk]


def _require_seen(sheet: Sheet, version: int) -> None:
    if version != sheet.version:
        raise Refused("您打开页面之后，这份年报有了变化，所以没有办理。请刷新页面，看过现在的内容再办理。")


def _require_unsigned(sheet: Sheet) -> None:
    if sheet.is_signed:
        signature = holding(sheet)
        raise Refused(
            f"这份年报已由{signature.signed_by if signature else sheet.node}签报，不能再修改。需要更正的，请上级工会退回。"
        )


def _require_signed_below(sheet: Sheet) -> None:
    unsigned = sheet.below.exclude(state=SheetState.SIGNED).select_related("node")
    waiting = [str(one.node) for one in unsigned.order_by("node__code", "pk")]
    if waiting:
        named = "、".join(waiting[:_NAMED]) + (f"等 {len(waiting)} 家" if len(waiting) > _NAMED else "")
        raise Refused(f"{named}还没有签报。请在下级全部签报以后再签报。")
