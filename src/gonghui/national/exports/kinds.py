"""The national forms among the lists that leave: a second person approves many rows, as of every list (ADR 57)."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.exports.kinds import OwnFiles, Plan
from gonghui.exports.models import Export as Disclosure
from gonghui.kit.errors import Refused
from gonghui.national.exports import actions
from gonghui.national.models import Export, Form
from gonghui.national.registry import FORMS
from gonghui.national.rules import can_export_forms


class FormExport(OwnFiles):
    """What is asked for: the form of a ``union`` and all below it. Its files are to the letter, so they take no stamp."""

    def __init__(self, form: Form) -> None:
        self.form, self.key, self.label = form, actions.kind_of(form), str(form.label)

    def require_right(self, what: Mapping[str, Any], by: User) -> None:
        require(can_export_forms, by, sentence=actions.ONLY_EXPORTERS)
        if by.union_id != what["union"]:
            raise Refused("申请人已不属于当时的工会，没有导出。")

    def plan(self, what: Mapping[str, Any], by: User) -> Plan:
        """Counts each row: the unions' own counters may differ, and what is approved is written whole."""
        self.require_right(what, by)
        union, national = by.union, FORMS[self.form].form
        assert union is not None  # noqa: S101 (the rule)
        total = national.rows_below(union).count()
        if not total:
            raise Refused("没有可以填入采集表的资料：所辖范围内还没有审核通过的工会，或工会还没有会员。")
        return Plan(
            title=self.label, headings=national.headings, total=total, full=True, union=union,
            conditions=[("填表单位", union.name), ("范围", "本工会" if union.is_grassroots else "所辖全部工会")],
        )  # fmt: skip

    def begin(self, export: Disclosure) -> None:
        actions.begin(export, self.form)

    def recalled(self, export: Disclosure) -> None:
        actions.recall_files(export)

    def place(self, export: Disclosure) -> str:
        pk = Export.objects.filter(disclosure=export).values_list("pk", flat=True).first()
        return reverse("national:export", args=[pk]) if pk else reverse("national:exports")
