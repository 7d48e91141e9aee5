"""Writes of a joint union's 涵盖单位 (ADR 45): added, changed, removed; what a union's end and a filing do to them."""

from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.filings.coverage.export import HEADINGS, export_line
from gonghui.filings.coverage.queries import why_not
from gonghui.filings.guards import lock_for_change
from gonghui.filings.rules import can_cover
from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.kit.names import unit_columns
from gonghui.notices.actions import notify_officers
from gonghui.unions.models import CoveredEmployer, Union

verbs.register(
    coverage__added="登记涵盖单位",
    coverage__changed="修改涵盖单位",
    coverage__removed="移除涵盖单位",
    coverage__freed="工会撤销，不再涵盖单位",
    coverage__moved="涵盖单位随合并转入",
    coverage__restored="恢复涵盖单位",
    coverage__exported="导出涵盖单位",
    coverage__ended="单位自己建会，不再由联合工会涵盖",
)
verbs.facts("coverage", code="代码", staff="职工人数")

MAX_COVERED = 10_000
"""Employers that one union covers."""

NOT_COVERING = "只有联合基层工会、行业工会联合会和区域工会联合会有涵盖单位。本工会的类型不同的，请先修改工会资料。"
_LOCK = 4502
"""The key of the advisory lock, among those of one number."""


class Values(NamedTuple):
    """Checked values (validation.py)."""

    code: str
    name: str
    staff_count: int


def hold_codes() -> None:
    """Lets one transaction after the other decide to whom a code belongs: its own union, or the one that covers it.

    It is the last lock that a transaction takes, and short.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def cover_employer(union: Union, values: Values, *, by: User) -> CoveredEmployer:
    """Adds an employer to the union's list. Raises Refused: it may not be covered, or ``by`` may not."""
    with transaction.atomic():
        union = _lock(union, by)
        hold_codes()
        if CoveredEmployer.objects.standing().filter(union=union, code=values.code).exists():
            raise Refused(
                "这家单位已在本工会的涵盖单位中，不必重复登记。名称或职工人数有变化的，请在列表中修改。", field="code"
            )
        if reason := why_not(union, [values.code]).get(values.code):
            raise Refused("，".join(reason) + "。", field="code")
        require_room(union, 1)
        columns = unit_columns(values.name) | {"code": values.code, "staff_count": values.staff_count}
        try:
            with transaction.atomic():
                covered = CoveredEmployer.objects.create(union=union, **columns)
        except IntegrityError as error:  # somebody who does not hold the codes was quicker
            raise Refused("这家单位刚刚有了变化，没有登记。请刷新页面后再试。", field="code") from error
        record("coverage.added", covered, by=by, union=union, code=covered.code, staff=covered.staff_count)
    return covered


def change_covered(covered: CoveredEmployer, values: Values, *, version: str, by: User) -> CoveredEmployer:
    """Changes name and head count; the code stays. Raises Refused: changed or removed meanwhile, or ``by`` may not."""
    with transaction.atomic():
        union = _lock(covered.union, by)
        covered = _lock_covered(covered)
        if version != version_of(covered):
            raise Refused("您打开页面之后，这家单位的资料有了变化，所以没有保存。请重新打开后再修改。")
        changes = [
            (label, str(old), str(new))
            for label, old, new in (
                ("单位名称", covered.name, values.name),
                ("职工人数", covered.staff_count, values.staff_count),
            )
            if old != new
        ]
        if not changes:
            raise Refused("填写的内容与现在的完全相同，没有需要保存的修改。")
        for column, value in unit_columns(values.name).items():
            setattr(covered, column, value)
        covered.staff_count, covered.import_act = values.staff_count, None
        covered.save()
        record("coverage.changed", covered, by=by, union=union, code=covered.code, changes=changes)
    return covered


def uncover_employer(covered: CoveredEmployer, *, by: User) -> None:
    """Takes an employer off the list. Raises Refused: removed already, or ``by`` may not."""
    with transaction.atomic():
        union = _lock(covered.union, by)
        covered = _lock_covered(covered)
        record("coverage.removed", covered, by=by, union=union, code=covered.code, staff=covered.staff_count)
        covered.delete()


def version_of(covered: CoveredEmployer) -> str:
    """What the form carries, to detect a change meanwhile."""
    return f"{covered.staff_count}:{covered.name}"


def require_room(union: Union, more: int) -> None:
    """Raises Refused when the list would become longer than MAX_COVERED."""
    if CoveredEmployer.objects.standing().filter(union=union).count() + more > MAX_COVERED:
        raise Refused(f"一家工会最多登记 {MAX_COVERED:,} 家涵盖单位。请先移除不再涵盖的单位。")


def free_covered(union: Union, heir: Union | None, *, act: UUID, by: User) -> int:
    """With the dissolution ``act``: frees the union's list, or hands it to the heir, if that may cover; returns how many.

    The caller holds both unions.
    """
    rows = list(CoveredEmployer.objects.standing().filter(union=union).order_by("pk"))
    if not rows:
        return 0
    hold_codes()
    CoveredEmployer.objects.filter(pk__in=[row.pk for row in rows]).update(freed_by=act)
    if heir is None or not heir.is_covering:
        record("coverage.freed", union, by=by, union=union, count=len(rows))
        return len(rows)
    CoveredEmployer.objects.bulk_create([_copied(row, heir) for row in rows], batch_size=1000)
    record("coverage.moved", heir, by=by, union=heir, count=len(rows), old=str(union))
    return len(rows)


def _copied(row: CoveredEmployer, heir: Union) -> CoveredEmployer:
    columns = unit_columns(row.name) | {"code": row.code, "staff_count": row.staff_count}
    return CoveredEmployer(union=heir, **columns)


def take_covered_back(union: Union, heir: Union | None, *, act: UUID, by: User) -> int:
    """With the restoration of what ``act`` dissolved: covers again what is still free or with the heir; returns how many."""
    rows = {row.code: row for row in CoveredEmployer.objects.filter(union=union, freed_by=act)}
    if not rows:
        return 0
    hold_codes()
    if heir:
        CoveredEmployer.objects.standing().filter(union=heir, code__in=rows).delete()
    gone = why_not(union, list(rows))
    back = [row.pk for code, row in rows.items() if code not in gone]
    CoveredEmployer.objects.filter(pk__in=back).update(freed_by=None)
    record("coverage.restored", union, by=by, union=union, count=len(back))
    return len(back)


def end_cover(code: str, *, by: User) -> None:
    """An employer whose own union is approved now is covered no more; the union that covered it is told."""
    hold_codes()
    for covered in CoveredEmployer.objects.standing().of_subjects([code]).select_related("union"):
        record("coverage.ended", covered, by=by, union=covered.union, code=covered.code)
        title = f"{covered.name}已建立自己的工会，不再由本工会涵盖"
        notify_officers([covered.union_id], title, url=reverse("filings:coverage"))
        covered.delete()


def _lock(union: Union, by: User) -> Union:
    union = lock_for_change(union, by)
    require(can_cover, by, union, sentence=NOT_COVERING)
    return union


def _lock_covered(covered: CoveredEmployer) -> CoveredEmployer:
    found = CoveredEmployer.objects.standing().select_for_update().filter(pk=covered.pk).first()
    if found is None:
        raise Refused("这家单位已不在涵盖单位中，可能刚刚由同事移除。请刷新列表查看。")
    return found


def export_covered(union: Union, path: Path, *, by: User) -> int:
    """Writes the union's list to a workbook at ``path``, whose headings an import reads; returns how many, which is recorded.

    Raises Refused when there is none. The caller has seen to it that ``by`` may see the union.
    """
    rows = CoveredEmployer.objects.standing().filter(union=union)
    count = rows.count()
    if not count:
        raise Refused("还没有登记涵盖单位，没有可以导出的内容。")
    lines = (export_line(row) for row in rows.compared().order_by("pk").iterator(chunk_size=2000))
    with transaction.atomic():
        excel.export(path, HEADINGS, lines, title="涵盖单位")
        record("coverage.exported", union, by=by, union=union, count=count)
    return count
