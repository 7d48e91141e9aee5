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


class DayFilter(ListFilter):
    """A closed day, and by which knowledge: the last end of a month unless another is chosen."""

    day = forms.DateField(label="截至", required=False, widget=date_input())
    basis = forms.ChoiceField(label="口径", required=False, choices=Basis.choices)

    def __init__(self, data: Mapping[str, Any], **plain: str) -> None:
        """``plain``: what is chosen where nothing else is."""
        self.newest = newest()
        plain["basis"] = Basis.THEN.value
        if self.newest:
            plain["day"] = self.newest.day.isoformat()
        super().__init__({**plain, **{name: data[name] for name in data if data[name]}})

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day and (problem := why_not(day)):
            raise forms.ValidationError(problem)
        return day

    def narrowed(self, rows: Any, values: Any) -> Any:
        return rows


class FigureFilter(DayFilter):
    """The figures of a day, by which dimension."""

    by = forms.ChoiceField(label="分组", required=False, choices=choices)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data, by="sex")


class CellFilter(DayFilter):
    """Which number's list is asked for, as the links of the figures say it: without any, the newest 期末."""

    of = forms.ChoiceField(label="数", choices=[(name, Figure._meta.get_field(name).verbose_name) for name in PEOPLE])  # type: ignore[union-attr]
    group = forms.ChoiceField(label="分组", required=False, choices=[("", "全部"), *choices(), (REASON, "变动原因")])
    value = forms.CharField(label="组", required=False, max_length=100)
    union = forms.IntegerField(label="工会", required=False, min_value=1, max_value=2**63 - 1)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data, of="closing_members")
