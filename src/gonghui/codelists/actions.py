"""What the city does with the code lists. Nothing is deleted, and a value never changes: rows hold it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.codelists.hooks import LISTS, CodeList
from gonghui.codelists.models import MAX_LABEL, Code
from gonghui.codelists.queries import MEMORY
from gonghui.codelists.rules import can_manage_codes, may_retire
from gonghui.kit.errors import Refused
from gonghui.kit.normal import plain

verbs.register(
    code__added="增加代码值", code__renamed="修改代码名称", code__retired="停用代码值", code__reopened="恢复代码值"
)
verbs.facts(
    "code", list="代码表", national="国家代码", since="启用日期", until="停用日期", successor="替代的值"
)  # fmt: skip

CHANGED_MEANWHILE = (
    "您打开页面之后，这个值已被其他管理员修改，所以您的修改没有保存。请刷新页面，看过现在的内容以后再修改。"
)
OWN_VALUE = "city_"
"""Begins the values that the city has added."""


def add_code(
    key: str, *, label: str, national: str = "", since: date | None = None, after: Code | None = None, by: Any
) -> Code:
    """Adds a value to an open list, to be chosen from ``since`` on (None: today), behind ``after`` or as the last one.

    Raises Refused: ``by`` is no administrator of the city, the list is closed, the label is taken or no label.
    """
    one = LISTS[key]
    with transaction.atomic():
        codes = _lock(one, by)
        if one.closed:
            raise Refused(f"“{one.title}”的{one.why_closed}，不能增加，只能修改名称。")
        label = _checked(label, codes)
        if since and since < localdate():
            raise Refused("启用日期不能早于今天，请重新填写。", field="since")
        position = after.position + 1 if after else max(code.position for code in codes) + 1
        for code in codes:
            if code.position >= position:
                code.position += 1
        Code.objects.bulk_update(codes, ["position"])
        number = 1 + sum(code.value.startswith(OWN_VALUE) for code in codes)
        code = Code.objects.create(
            code_list=key, value=f"{OWN_VALUE}{number}", label=label, national_code=national, position=position,
            valid_from=since or localdate(),
        )  # fmt: skip
        facts = {"national": national} if national else {}
        _record("code.added", code, one, by, since=f"{code.valid_from:%Y-%m-%d}", **facts)
    return code


def rename_code(code: Code, *, label: str, version: int, by: Any) -> Code:
    """Gives a value another label; the old one is still understood in workbooks.

    Raises Refused: ``by`` may not, the value was changed since ``version``, the label is taken or no label.
    """
    one = LISTS[code.code_list]
    with transaction.atomic():
        codes = _lock(one, by)
        code = _current(code, version, codes)
        old, label = code.label, _checked(label, [other for other in codes if other != code])
        if label == old:
            raise Refused("名称没有变化，没有需要保存的修改。", field="label")
        code.former_labels = [former for former in (*code.former_labels, old) if former != label]
        code.label = label
        _save(code)
        _record("code.renamed", code, one, by, changes=[["名称", old, label]])
    return code


def retire_code(code: Code, *, on: date, successor: Code | None, version: int, by: Any) -> Code:
    """Ends that a value may be chosen, from the day ``on`` on; rows that hold it keep it.

    Raises Refused: ``by`` may not, the value was changed since ``version``, the list is closed or the platform needs the
    value, it is retired already, ``on`` is past, or ``successor`` cannot be chosen then.
    """
    one = LISTS[code.code_list]
    with transaction.atomic():
        codes = _lock(one, by)
        code = _current(code, version, codes)
        _require_retirable(code, one, codes)
        if on < localdate():
            raise Refused("停用日期不能早于今天，请重新填写。", field="on")
        if code.valid_from and on < code.valid_from:
            raise Refused(f"这个值自 {code.valid_from:%Y-%m-%d} 起启用，停用日期不能更早，请重新填写。", field="on")
        if successor:
            successor = _current(successor, successor.version, codes)
            _require_lasting(successor, code, on)
        code.valid_until, code.successor = on, successor
        _save(code)
        facts = {"successor": successor.label} if successor else {}
        _record("code.retired", code, one, by, until=f"{on:%Y-%m-%d}", **facts)
    return code


def reopen_code(code: Code, *, version: int, by: Any) -> Code:
    """Undoes a retirement. Raises Refused: ``by`` may not, the value was changed since ``version`` or is not retired."""
    one = LISTS[code.code_list]
    with transaction.atomic():
        codes = _lock(one, by)
        code = _current(code, version, codes)
        if code.valid_until is None:
            raise Refused("这个值没有停用，不需要恢复。请刷新页面查看最新状态。")
        ended = f"{code.valid_until:%Y-%m-%d}"
        code.valid_until = code.successor = None
        _save(code)
        _record("code.reopened", code, one, by, changes=[["停用日期", ended, ""]])
    return code


def _lock(one: CodeList, by: Any) -> list[Code]:
    """Locks a list as a whole, so that no two get one label, and returns its values as they are then. Raises Refused."""
    by.refresh_rights()
    if not can_manage_codes(by):
        raise Refused("只有市总工会的平台管理员可以修改代码表。需要调整的，请联系市总工会。")
    rows = Code.objects.filter(code_list=one.key)
    list(rows.select_for_update().order_by("pk"))
    return list(rows.order_by("position", "pk"))


def _current(code: Code, version: int, codes: Sequence[Code]) -> Code:
    """The value as it is under the lock. Raises Refused if that is another version than the page showed."""
    now = next(other for other in codes if other.pk == code.pk)
    if now.version != version:
        raise Refused(CHANGED_MEANWHILE)
    return now


def _checked(label: str, others: Sequence[Code]) -> str:
    """The label in its normal form. Raises Refused for none, one too long, or one that means another value."""
    label = " ".join(label.split())
    if not plain(label):
        raise Refused("请填写名称。", field="label")
    if len(label) > MAX_LABEL:
        raise Refused(f"名称有 {len(label)} 个字符，请缩短到 {MAX_LABEL} 个字符以内。", field="label")
    for other in others:
        if plain(label) in (plain(other.label), plain(other.value)):
            raise Refused(f"这个代码表中已有“{other.label}”，请换一个名称。", field="label")
        if plain(label) in map(plain, other.former_labels):
            raise Refused(f"“{label}”是“{other.label}”的曾用名称，文件中按它读取，请换一个名称。", field="label")
    return label


def _require_retirable(code: Code, one: CodeList, codes: Sequence[Code]) -> None:
    if one.closed:
        raise Refused(f"“{one.title}”的{one.why_closed}，不能停用，只能修改名称。")
    if not may_retire(one, code.value):
        raise Refused(f"平台的规则要用到“{code.label}”，不能停用，只能修改名称。")
    if code.valid_until:
        raise Refused(f"“{code.label}”已定于 {code.valid_until:%Y-%m-%d} 停用。需要改日期的，请先恢复，再重新停用。")
    if not any(other.valid_until is None for other in codes if other != code):
        raise Refused(f"“{code.label}”是“{one.title}”中最后一个在用的值，不能停用。请先增加一个值。")


def _require_lasting(successor: Code, code: Code, on: date) -> None:
    """A successor that is not to be retired itself: so successors never lead in a circle."""
    begins = successor.valid_from
    if successor == code or successor.valid_until or (begins and on < begins):
        raise Refused(
            f"“{successor.label}”在 {on:%Y-%m-%d} 不能使用，不能用来替代。请选择另一个值，或不选。", field="successor"
        )


def _save(code: Code) -> None:
    code.version += 1
    code.save()


def _record(verb: str, code: Code, one: CodeList, by: Any, **facts: Any) -> None:
    """Records the act, and lets this process forget what it knew: now, and when others may see it."""
    record(verb, code, by=by, list=one.title, **facts)
    MEMORY.forget()
    transaction.on_commit(MEMORY.forget)
