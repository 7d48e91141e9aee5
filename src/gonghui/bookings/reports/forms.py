"""The filters of the reports."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.timezone import localdate

from gonghui.bookings.codes import Kind
from gonghui.kit.forms import ListFilter
from gonghui.unions.models import Union
from gonghui.unions.queries import first_matching

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


MAX_UNIONS = 50
"""So many unions may a name mean: of more, whoever has never been would be sought among everybody."""


class NeverFilter(ListFilter):
    """Of which kind, and in which unions below ``node``, by a part of the name or a number."""

    kind = forms.ChoiceField(label="类型", required=False, choices=[("", "疗休养"), *Kind.choices[1:]])
    union = forms.CharField(label="工会名称或编号", required=False, max_length=60)

    def __init__(self, data: Mapping[str, Any], *, node: Union) -> None:
        super().__init__(data)
        self.node = node

    def clean_union(self) -> list[int] | None:
        """Returns the ids of the unions that the text means; None without one."""
        text = self.cleaned_data["union"]
        if not text:
            return None
        below = Union.objects.grassroots().below(self.node)
        ids = list(first_matching(below, text, MAX_UNIONS + 1).values_list("pk", flat=True)[: MAX_UNIONS + 1])
        if len(ids) > MAX_UNIONS:
            raise forms.ValidationError(f"名称中有这几个字的工会超过 {MAX_UNIONS} 家，请填写得更完整，或填写工会编号。")
        return ids

    def narrowed(self, rows: Any, values: Any) -> Any:
        # First the unions, then their members: in one statement PostgreSQL cannot tell how few they are.
        return rows if values["union"] is None else rows.filter(union_id__in=values["union"])

    @property
    def chosen(self) -> str:
        values = self.cleaned_data if self.is_valid() else {}
        return values.get("kind") or Kind.RECUPERATION
