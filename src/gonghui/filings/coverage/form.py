"""Parsing of one covered employer, and of the filters of the list."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from gonghui.filings.coverage.actions import Values
from gonghui.filings.coverage.validation import MAX_NAME, clean_employer_name, clean_staff_count
from gonghui.kit.documents import Invalid, check_uscc, compact
from gonghui.kit.forms import ListFilter
from gonghui.kit.names import unit_key
from gonghui.unions.findings import RegisterFinding
from gonghui.unions.keys import key_of_name
from gonghui.unions.models import CoveredEmployerQuerySet

T = TypeVar("T")


class CoveredForm(forms.Form):
    """Code, name and head count."""

    code = forms.CharField(
        label="统一社会信用代码",
        max_length=30,
        help_text="营业执照或其他证照上的 18 位代码。",
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    name = forms.CharField(label="单位名称", max_length=MAX_NAME, help_text="与证照一致的全称。")
    staff_count = forms.CharField(
        label="职工人数", max_length=20, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )

    def clean_code(self) -> str:
        return _checked(check_uscc, self.cleaned_data["code"])

    def clean_name(self) -> str:
        return _checked(clean_employer_name, self.cleaned_data["name"])

    def clean_staff_count(self) -> int:
        return _checked(clean_staff_count, self.cleaned_data["staff_count"])

    def values(self) -> Values:
        """The checked values of a valid form."""
        return Values(**{name: self.cleaned_data[name] for name in Values._fields})


class ChangedForm(CoveredForm):
    """Name and head count of one that is there: its code stays."""

    code = None  # type: ignore[assignment] # Django's way to leave out a field
    version = forms.CharField(widget=forms.HiddenInput, required=False)


class CoveredFilter(ListFilter):
    """A part of the name or a whole code, and how the employer stands in the statistical register."""

    q = forms.CharField(label="单位名称或代码", required=False, max_length=100)
    register = forms.ChoiceField(label="大统计库", required=False, choices=[("", "全部"), *RegisterFinding.choices])

    def narrowed(self, rows: CoveredEmployerQuerySet, values: Mapping[str, Any]) -> CoveredEmployerQuerySet:
        if values["register"]:
            rows = rows.compared().filter(finding=values["register"])
        if values["q"]:
            key = unit_key(values["q"])
            found = Q(key__contains=key) | Q(code=compact(values["q"])) if key else Q(pk__in=[])
            rows = rows.alias(key=key_of_name()).filter(found)
        return rows


def _checked(check: Callable[[str], T], text: str) -> T:
    try:
        return check(text)
    except Invalid as problem:
        raise ValidationError(problem.sentence) from problem
