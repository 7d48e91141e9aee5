"""The forms of the pages: an export's purpose, and the filters of the lists."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms

from gonghui.kit.forms import ListFilter
from gonghui.national.exports.actions import MAX_PURPOSE
from gonghui.national.form import NationalForm
from gonghui.national.queries import INCOMPLETE, narrowed
from gonghui.national.states import STATES


class ExportForm(forms.Form):
    purpose = forms.CharField(
        label="导出用途",
        min_length=2,
        max_length=MAX_PURPOSE,
        help_text="例如“填报 2026 年全国会员信息采集表”。导出人、时间和用途都会记录。",
    )
    confirmed = forms.BooleanField(
        label="确认因工作需要导出。文件中是完整的个人信息，请妥善保管，用后删除。",
        error_messages={"required": "导出之前，请勾选“确认因工作需要导出”。"},
    )


class RowFilter(ListFilter):
    """By what is missing, and by what was reported."""

    column = forms.ChoiceField(label="缺项", required=False)
    state = forms.ChoiceField(label="上报状态", required=False, choices=[("", "全部"), *STATES.items()])

    def __init__(self, data: Mapping[str, Any], national: NationalForm) -> None:
        super().__init__(data)
        self.national = national
        gaps = national.gaps(national.asked())
        columns = [(one.key, one.heading) for one in national.columns if one.key in gaps]
        cast(forms.ChoiceField, self.fields["column"]).choices = [("", "全部"), (INCOMPLETE, "任何一项"), *columns]

    def narrowed(self, rows: Any, values: Mapping[str, Any]) -> Any:
        return narrowed(self.national, rows, values["column"], values["state"])
