"""What of the figures is chosen."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from gonghui.kit.forms import ListFilter, date_input
from gonghui.statistics.figures import choices, newest, why_not
from gonghui.statistics.models import Basis


class FigureFilter(ListFilter):
    """A closed day, by which knowledge, and by which dimension: the last end of a month unless another is chosen."""

    day = forms.DateField(label="截至", required=False, widget=date_input())
    basis = forms.ChoiceField(label="口径", required=False, choices=Basis.choices)
    by = forms.ChoiceField(label="分组", required=False)

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.newest = newest()
        filled = {"basis": Basis.THEN.value, "by": "sex", **{name: data[name] for name in data if data[name]}}
        if self.newest:
            filled = {"day": self.newest.day.isoformat(), **filled}
        super().__init__(filled)
        field: Any = self.fields["by"]
        field.choices = choices()

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day and (problem := why_not(day)):
            raise forms.ValidationError(problem)
        return day

    def narrowed(self, rows: Any, values: Any) -> Any:
        return rows
