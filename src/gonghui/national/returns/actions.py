"""What reading back a returned form writes: 退回 with its reason, for the version that the row has now."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.urls import reverse

from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.imports.kinds import Changed, Plan
from gonghui.imports.models import Batch
from gonghui.kit.bulk import checks_at_once
from gonghui.national.models import Form
from gonghui.national.registry import FORMS
from gonghui.national.states import ReportState
from gonghui.notices.actions import notify_officers
from gonghui.unions.models import Union

verbs.register(nationalform__returned="读入采集表的退回原因")
verbs.facts("nationalform", returned="退回")


class Returned(NamedTuple):
    """A row with a reason, and whom it is about."""

    row: int
    subject: int
    union: int
    reason: str


def stage(batch: Batch, plan: Plan, progress: Callable[[int], None]) -> None:
    """Nothing: `commit` writes the plan's rows themselves."""


def clear(batch: Batch) -> None:
    """Nothing: see `stage`."""


def commit(batch: Batch, plan: Plan) -> str:
    """Writes the reasons in the caller's transaction, and tells the officers of the unions. Raises Changed when somebody
    has left the union since the check.
    """
    form: str = plan.details
    rows: Sequence[Returned] = plan.rows
    national, reports = FORMS[form]
    key = reports._meta.pk
    target = national.model._meta.db_table
    version = ", ".join(national.stored)
    values: dict[str, Any] = {
        "subjects": [row.subject for row in rows],
        "unions": [row.union for row in rows],
        "reasons": [row.reason for row in rows],
    }
    of_union = "target.union_id" if form == Form.MEMBER else "target.id"
    statement = _RETURN.format(
        reports=reports._meta.db_table, key=key.column, target=target, version=version, of_union=of_union,
        more=national.joined,
    )  # fmt: skip
    with checks_at_once(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        written = cursor.rowcount
    if written != len(rows):
        raise Changed(f"batch {batch.pk}: {written} of {len(rows)} are still there")
    record("nationalform.returned", batch, by=batch.uploaded_by, union=batch.union, form=form, returned=written)
    _tell(batch.union, {row.union for row in rows}, form)
    return f"已登记 {written} {'人' if form == Form.MEMBER else '家'}的退回原因，改正以后自动变为“待报”。"


def _tell(reader: Union, unions: set[int], form: str) -> None:
    title = f"{Form(form).label}有退回，请按退回原因改正"
    body = "退回的行和原因列在“信息采集表”中，改正以后自动变为“待报”，再由导出单位上报。"
    notify_officers(unions - {reader.pk}, title, body=body, url=reverse("national:home"))


_RETURN = f"""
INSERT INTO {{reports}} ({{key}}, state, version, reason, at)
SELECT target.id, '{ReportState.RETURNED}', md5(ROW({{version}})::text)::uuid, given.reason, now()
FROM unnest(%(subjects)s::bigint[], %(unions)s::bigint[], %(reasons)s::text[]) AS given (subject, in_union, reason)
JOIN {{target}} AS target ON target.id = given.subject AND {{of_union}} = given.in_union {{more}}
ORDER BY target.id
ON CONFLICT ({{key}}) DO UPDATE SET
    state = excluded.state, version = excluded.version, reason = excluded.reason, at = excluded.at
"""  # noqa: S608 (tables' and columns' names)
