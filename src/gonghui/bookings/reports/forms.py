"""The filters of the reports."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.timezone import localdate

from gonghui.bookings.codes import Kind
from gonghui.kit.forms import ListFilter

FIRST_YEAR = 1990


class ReportFilter(ListFilter):
    """A year and a kind; this year, and all kinds, unless others are chosen."""

    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(label="类型", required=False, choices=[("", "全部"), *Kind.choices])

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        years = range(localdate().year + 1, FIRST_YEAR, -1)
        field: Any = self.fields["year"]
        field.choices = [("", f"{localdate().year} 年"), *((year, f"{year} 年") for year in years)]

    def narrowed(self, rows: Any, values: Any) -> Any:
        return rows

    @property
    def chosen(self) -> tuple[int, str]:
        """Year and kind; of a wrong filter those that are shown without any."""
        values = self.cleaned_data if self.is_valid() else {}
        return values.get("year") or localdate().year, values.get("kind") or ""


class NeverFilter(ListFilter):
    """Of which kind, and in which union by its name."""

    kind = forms.ChoiceField(label="类型", required=False, choices=[("", "疗休养"), *Kind.choices[1:]])
    union = forms.CharField(label="工会", required=False, max_length=60)

    def narrowed(self, rows: Any, values: Any) -> Any:
        return rows.filter(union__name__icontains=values["union"].strip()) if values["union"].strip() else rows

    @property
    def chosen(self) -> str:
        values = self.cleaned_data if self.is_valid() else {}
        return values.get("kind") or Kind.RECUPERATION
