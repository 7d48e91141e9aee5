"""The rendering of every form field and of the summary of errors; filters of lists; ids as text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar, cast

from django import forms
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorDict
from django.http import HttpRequest
from django.template.loader import render_to_string

from gonghui.kit import field_words  # noqa: F401 (before any form)
from gonghui.kit.errors import Refused
from gonghui.kit.names import clean_email
from gonghui.kit.remembered import remembered

Rows = TypeVar("Rows", bound=QuerySet)
Form = TypeVar("Form", bound=forms.BaseForm)


class DrawnField(NamedTuple):
    """What templates/forms/field.html shows of a field."""

    control: str
    label: str
    is_required: bool
    is_hidden: bool
    type: str
    control_id: str
    is_group: bool
    described_by: str | None
    name_id: str
    help: str
    errors: tuple[str, ...]


class Renderer(TemplatesSetting):
    """Forms and fields drawn by the templates under templates/forms/, with Tabler's classes."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """What holds no typed value is remembered; what somebody typed does not stay in the process."""
        widget = context.get("widget")
        if widget and "subwidgets" not in widget and ("optgroups" in widget or widget["value"] is None):
            return remembered(template_name, context)
        if template_name == self.field_template_name:
            return self._field(context["field"])
        return super().render(template_name, context, request)

    def _field(self, field: BoundField) -> str:
        drawn = DrawnField(
            str(field),
            str(field.label),
            field.field.required,
            field.is_hidden,
            field.widget_type,
            field.id_for_label,
            field.use_fieldset,
            field.aria_describedby if field.use_fieldset else None,
            f"{field.auto_id}",
            str(field.help_text),
            tuple(map(str, field.errors)),
        )
        draw = remembered if not field.value() else render_to_string
        return draw(self.field_template_name, {"field": drawn})


class ListFilter(forms.Form):
    """The filters of a list, from its address. A wrong one (too long, an option that no longer exists) selects no rows:
    a mistyped condition must not show or export all of them.

    includes/wrong_filter.html shows the errors; a subclass applies valid filters in ``narrowed``.
    """

    def narrow(self, rows: Rows) -> Rows:
        """Returns the rows that the filters select; none while a filter is wrong."""
        return self.narrowed(rows, self.cleaned_data) if self.is_valid() else rows.none()

    def narrowed(self, rows: Any, values: Mapping[str, Any]) -> Any:
        raise NotImplementedError

    def require(self) -> None:
        """Checks the filters of an export. Raises Refused with the errors."""
        if not self.is_valid():
            raise Refused(f"查询条件不正确，没有导出。{''.join(self.told)}请改正后重新查询，再导出。")

    @property
    def narrows(self) -> bool:
        """Whether anything is searched for."""
        return any(str(self.data.get(name, "")).strip() for name in self.fields)

    @property
    def told(self) -> list[str]:
        """The errors, one sentence each."""
        return [f"{self[name].label}：{error}" for name, errors in self.errors.items() for error in errors]

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
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
    """Returns the form with its values but without errors: the POST was for something else on the page."""
    form._errors = ErrorDict()  # type: ignore[attr-defined] # what full_clean would fill
    return form


def asks(address: Any, target: str, *, delay: int = 400) -> dict[str, Any]:
    """The attributes of a field about whose text htmx asks while it is typed, ``delay`` milliseconds after the last letter;
    the answer goes into ``target``.
    """
    return {
        "hx-get": address,
        "hx-trigger": f"input changed delay:{delay}ms",
        "hx-target": target,
        "hx-sync": "this:replace",
    }


def date_input() -> forms.DateInput:
    """Returns the browser's date field."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


@contextmanager
def refused_into(form: forms.BaseForm) -> Iterator[None]:
    """Shows the sentence of a Refused at its field of ``form``, or above all fields; then continues after the block."""
    try:
        yield
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)


class EmailInput(forms.EmailInput):
    """Normalises spaces, width and letter case of a typed address to the stored form."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        typed = super().value_from_datadict(data, files, name)
        return typed and clean_email(typed)


def row_id(text: object) -> int | None:
    """Returns the sent id if it can be a row's; None for anything else (``²``, a million digits)."""
    digits = str(text)
    return int(digits) if digits.isdecimal() and len(digits) < 19 else None


def row_ids(texts: Iterable[str]) -> list[int]:
    """Returns all sent ids: one per field, or several in one field, separated by commas."""
    ids = (row_id(part) for text in texts for part in text.split(","))
    return list(dict.fromkeys(pk for pk in ids if pk))
