"""The form field of a code."""

from typing import Any

from django import forms

from gonghui.codelists.queries import Choices, labels, offered


class CodeField(forms.ChoiceField):
    """Offers the values that may be chosen today, and the one that it shows, if that is retired.

    It takes every value of the list: whether one may be new to a row is decided by the action, which knows the row
    (`queries.require_offered`).
    """

    shown = ""

    def __init__(self, codes: Choices, *, blank: bool = True, **kwargs: Any) -> None:
        self.codes, self.blank = codes, blank
        super().__init__(choices=self._offered, **kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> "CodeField":
        copied: CodeField = super().__deepcopy__(memo)
        copied.choices = copied._offered  # of the copy, which shows a value of its own
        return copied

    def _offered(self) -> list[tuple[str, str]]:
        values = [("", "请选择")] if self.blank else []
        values += offered(self.codes)
        if self.shown in labels(self.codes) and self.shown not in dict(values):
            values.append((self.shown, f"{labels(self.codes)[self.shown]}（已停用）"))
        return values

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        bound = super().get_bound_field(form, field_name)
        self.shown = str(bound.value() or "")
        return bound

    def valid_value(self, value: Any) -> bool:
        return str(value) in labels(self.codes)
