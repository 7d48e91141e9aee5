"""What of the figures is chosen."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from gonghui.kit.forms import ListFilter, date_input
from gonghui.statistics.dimensions import REASON
from gonghui.statistics.figures import choices, newest, why_not
from gonghui.statistics.lines import PEOPLE
from gonghui.statistics.models import Basis, Figure


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


class CellFilter(ListFilter):
    """Which number's list is asked for, as the links of the figures say it: without any, the newest 期末."""

    day = forms.DateField(label="截至")
    basis = forms.ChoiceField(label="口径", choices=Basis.choices)
    of = forms.ChoiceField(label="数", choices=[(name, Figure._meta.get_field(name).verbose_name) for name in PEOPLE])  # type: ignore[union-attr]
    group = forms.ChoiceField(label="分组", required=False, choices=[("", "全部"), *choices(), (REASON, "变动原因")])
    value = forms.CharField(label="组", required=False, max_length=100)
    union = forms.IntegerField(label="工会", required=False, min_value=1, max_value=2**63 - 1)

    def __init__(self, data: Mapping[str, Any]) -> None:
        closing = newest()
        plain = {"basis": Basis.THEN.value, "of": "closing_members", "day": closing.day.isoformat() if closing else ""}
        super().__init__({**plain, **{name: data[name] for name in data if data[name]}})

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if problem := why_not(day):
            raise forms.ValidationError(problem)
        return day

    def narrowed(self, rows: Any, values: Any) -> Any:
        return rows
