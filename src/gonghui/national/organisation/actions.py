"""What reading the own organisation form back writes: a draft of an amendment, which the officer submits."""

from collections.abc import Callable
from typing import Any

from gonghui.filings.amendment.actions import save_amendment_draft
from gonghui.filings.filing.form import AmendmentForm
from gonghui.filings.models import Amendment
from gonghui.imports.kinds import Plan
from gonghui.imports.models import Batch
from gonghui.policies.columns.of_unions import collected
from gonghui.unions import union_details


def stage(batch: Batch, plan: Plan, progress: Callable[[int], None]) -> None:
    """Nothing: there is one row."""


def clear(batch: Batch) -> None:
    """Nothing: see `stage`."""


def commit(batch: Batch, plan: Plan) -> str:
    """Lays what was read over the draft, or over the present particulars, in the caller's transaction."""
    union = batch.union
    draft = Amendment.objects.filter(union=union, review=None).first()
    held = union_details.unpack({**union_details.current(union), **(draft.values if draft else {})}, union)
    fields = AmendmentForm(asked=collected()).fields
    values: dict[str, Any] = {key: held[key] for key in fields if key in held}
    for read in plan.rows:
        values |= read.values
    save_amendment_draft(union, values=values, by=batch.uploaded_by)
    return "已填入“修改工会资料”的草稿，请到“组织管理”核对以后提交上级工会审核。"
