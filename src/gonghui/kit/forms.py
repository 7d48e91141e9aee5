"""How every form field looks: one template for a field, one for the summary of errors. Filters of lists; ids as text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

from django import forms
from django.db.models import QuerySet
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorDict

from gonghui.kit import field_words  # noqa: F401 (before any form)
from gonghui.kit.errors import Refused
from gonghui.kit.names import clean_email

Rows = TypeVar("Rows", bound=QuerySet)
Form = TypeVar("Form", bound=forms.BaseForm)


class Renderer(TemplatesSetting):
    """Forms and fields drawn by the templates under templates/forms/, with Tabler's classes."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class ListFilter(forms.Form):
    """The filters of a list, as its address has them. One that is wrong (too long, an option that is gone) lets nothing
    through: who mistypes a condition must not be shown everybody, nor export them.

    The page says what is wrong by includes/wrong_filter.html; a subclass says in ``narrowed`` what the right ones mean.
    """

    def narrow(self, rows: Rows) -> Rows:
        """Those of ``rows`` that the filters let through; none while a filter is wrong."""
        return self.narrowed(rows, self.cleaned_data) if self.is_valid() else rows.none()

    def narrowed(self, rows: Any, values: Mapping[str, Any]) -> Any:
        raise NotImplementedError

    def require(self) -> None:
        """For an export. Raises Refused with what is wrong."""
        if not self.is_valid():
            raise Refused(f"查询条件不正确，没有导出。{''.join(self.told)}请改正后重新查询，再导出。")

    @property
    def told(self) -> list[str]:
        """What is wrong, a sentence each."""
        return [f"{self[name].label}：{error}" for name, errors in self.errors.items() for error in errors]

    @property
    def status(self) -> int:
        """Of the page's answer."""
        return 200 if self.is_valid() else 422


class StateFilter(ListFilter):
    """The one filter of a list with a row of states to choose from."""

    state = forms.ChoiceField(label="状态", required=False)

    def __init__(self, data: Mapping[str, Any], choices: Sequence[tuple[str, Any]]) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["state"]).choices = [("", "全部"), *choices]

    def narrowed(self, rows: Any, values: Mapping[str, Any]) -> Any:
        return rows.filter(state=values["state"]) if values["state"] else rows

    @property
    def chosen(self) -> str:
        """The state; none while it is wrong."""
        return self.cleaned_data["state"] if self.is_valid() else ""


def unjudged(form: Form) -> Form:
    """The form as it was filled in, before anything of it is found wrong: it was sent for something beside it."""
    form._errors = ErrorDict()  # type: ignore[attr-defined] # what full_clean would fill
    return form


class EmailInput(forms.EmailInput):
    """Reads an address as it is stored, whatever spaces, width and letter case it was typed with."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        typed = super().value_from_datadict(data, files, name)
        return typed and clean_email(typed)


def row_id(text: object) -> int | None:
    """The id that was sent, if it can be one of a row; None for any nonsense (``²``, a million digits)."""
    digits = str(text)
    return int(digits) if digits.isdecimal() and len(digits) < 19 else None


def row_ids(texts: Iterable[str]) -> list[int]:
    """All ids that were sent, one a field or (from ticks that outlast pages) many in one, parted by commas."""
    found = (row_id(one) for text in texts for one in text.split(","))
    return list(dict.fromkeys(pk for pk in found if pk))
