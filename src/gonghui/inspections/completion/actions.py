"""The lists of those done and not done, exported (SPEC 2.6)."""

from pathlib import Path

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.inspections.completion.export import export_line, export_rows, headings
from gonghui.inspections.models import Subject, Window
from gonghui.inspections.rules import can_look_on
from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.policies.columns.of_unions import collected
from gonghui.unions.models import Union

verbs.register(inspection__exported="导出年检名单")


MAX_EXPORT = 100_000


def export_list(window: Window, node: Union, path: Path, *, finished: bool, by: User) -> int:
    """Write those below ``node`` that are done (or not) to a workbook at ``path``; returns how many, which is recorded.

    Rows are streamed. Raises Refused when ``by`` may not, for none, and past MAX_EXPORT rows.
    """
    if not can_look_on(by):
        raise Refused("只有上级工会可以导出年检名单。")
    fields = collected().fields if window.subject == Subject.ORGANISATIONS else []
    rows = export_rows(window, node, fields, finished=finished)
    count = rows.order_by()[: MAX_EXPORT + 1].count()
    if not count:
        raise Refused("没有可以导出的工会。")
    if count > MAX_EXPORT:
        raise Refused(f"一次最多导出 {MAX_EXPORT} 家工会，请逐级打开下级工会，再分次导出。")
    lines = (export_line(row, fields) for row in rows.order_by("level3", "pk").iterator(chunk_size=2000))
    with transaction.atomic():
        excel.export(path, headings(fields), lines, title=f"{window}{'已完成' if finished else '未完成'}")
        record("inspection.exported", node, by=by, union=by.union, window=str(window), count=count)
    return count
