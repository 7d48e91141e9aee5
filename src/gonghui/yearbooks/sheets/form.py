"""Parsing of what is typed into a sheet, and of the reason for sending one back."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.forms import BoundField

from gonghui.yearbooks.models import MAX_EXPLANATION, MAX_REASON, MAX_VALUE
from gonghui.yearbooks.sheets.rows import Row


class SheetForm(forms.Form):
    """By the lines' positions: the number of each that is asked here, the word on each that is compared."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, rows: Sequence[Row], lowest: bool, version: int) -> None:
        initial: dict[str, Any] = {"version": version}
        for row in rows:
            initial |= {f"value_{row.position}": row.value, f"words_{row.position}": row.explanation}
        super().__init__(data, initial=initial)
        self._rows = rows
        for row in rows:
            if row.asked and lowest:
                self.fields[f"value_{row.position}"] = forms.IntegerField(
                    label=f"{row.label}的数", required=False, min_value=0, max_value=MAX_VALUE,
                    widget=forms.TextInput(attrs={"inputmode": "numeric"}),
                )  # fmt: skip
            if row.tolerance is not None:
                self.fields[f"words_{row.position}"] = forms.CharField(
                    label=f"{row.label}的变动说明", required=False, max_length=MAX_EXPLANATION
                )

    @property
    def lines(self) -> Iterator[tuple[Row, BoundField | None, BoundField | None]]:
        """Each row with its fields."""
        for row in self._rows:
            names = (f"value_{row.position}", f"words_{row.position}")
            value, words = (self[name] if name in self.fields else None for name in names)
            yield row, value, words

    @property
    def values(self) -> dict[int, int | None]:
        return {row.position: self.cleaned_data.get(f"value_{row.position}") for row in self._rows}

    @property
    def words(self) -> dict[int, str]:
        return {row.position: self.cleaned_data.get(f"words_{row.position}") or "" for row in self._rows}


class SendBackForm(forms.Form):
    reason = forms.CharField(
        label="退回的原因",
        max_length=MAX_REASON,
        help_text="随通知告知被退回的工会，例如困难职工数与去年相差较大，请核对。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
