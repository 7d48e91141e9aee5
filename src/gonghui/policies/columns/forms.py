"""Parsing of a new policy of columns."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.timezone import localdate

from gonghui.policies.hooks import Subject
from gonghui.policies.models import Requirement


class ColumnsForm(forms.Form):
    """One choice for each column of a subject, and the day from which all of them hold."""

    valid_from = forms.DateField(
        label="从哪一天起执行",
        help_text="今天或以后的日期。已经审核通过的工会和已登记的会员不受影响，缺少的项目在年检时列出。",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请填写执行日期。", "invalid": "请填写日期，例如 2027-01-01。"},
    )

    def __init__(self, *args: Any, subject: Subject, holds: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subject = subject
        self.fields["valid_from"].widget.attrs["min"] = localdate().isoformat()
        for column in subject.columns:
            choices = [
                choice for choice in Requirement.choices if column.requirable or choice[0] != Requirement.REQUIRED
            ]
            self.fields[column.name] = forms.ChoiceField(
                label=column.label,
                choices=choices,
                initial=holds.get(column.name, Requirement.OFF),
                help_text=column.help,
                error_messages={"required": f"请为“{column.label}”选择一项。"},
            )

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The columns under the headings of their groups."""
        groups: dict[str, list[forms.BoundField]] = defaultdict(list)
        for column in self.subject.columns:
            groups[column.group].append(self[column.name])
        return list(groups.items())

    @property
    def wanted(self) -> dict[str, str]:
        """The choices of a valid form."""
        return {column.name: self.cleaned_data[column.name] for column in self.subject.columns}
