"""The choice of a level-3 superior: two selects, the second depends on the first (SPEC 2.1, 2.4)."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse

from gonghui.kit.forms import row_id
from gonghui.unions.levels import ENTRANCES
from gonghui.unions.models import Union

Labels = Mapping[str, tuple[str, str]]
LEVEL_LABELS: Labels = {
    "district": ("工会所属区总工会", "工会所属街镇(开发区)工会"),
    "bureau": ("工会所属产业局", "工会所属二级产业局公司工会"),
}


class UnionChoice(forms.ModelChoiceField):
    """Superiors by their usual names: 杨浦区, 五角场镇."""

    queryset: QuerySet  # never None, unlike Django's

    def label_from_instance(self, obj: Union) -> str:
        return obj.area or obj.name


class SuperiorChoice(UnionChoice):
    """Level-3 superiors in groups of their level-2 ones: without JavaScript the groups replace the first select."""

    def __init__(self, entrance: str, **kwargs: Any) -> None:
        kind = ENTRANCES[entrance][1]
        rows = Union.objects.filter(kind=kind).standing().select_related("superior").order_by("superior__code", "code")
        super().__init__(rows, empty_label="请选择", **kwargs)

    def groups(self, level2: int | None) -> list:
        """Returns the choices: all in groups, or those of one level-2 superior."""
        if level2:
            return [("", "请选择"), *self._options(self.queryset.filter(superior=level2))]
        grouped = groupby(self.queryset, key=lambda union: self.label_from_instance(union.superior))
        return [("", "请选择"), *((area, self._options(unions)) for area, unions in grouped)]

    def _options(self, unions: Iterable[Union]) -> list[tuple[int, str]]:
        return [(union.pk, self.label_from_instance(union)) for union in unions]


def add_superior(form: forms.Form, entrance: str, *, labels: Labels = LEVEL_LABELS, search: bool = False) -> None:
    """Adds the fields ``level2`` and ``superior`` of one entrance (``levels.ENTRANCES``) to ``form``.

    ``search`` lets the user search both by name: the superior may be any union, not only a nearby one.
    """
    level2 = UnionChoice(
        Union.objects.filter(kind=ENTRANCES[entrance][0]).standing().order_by("code"), empty_label="请选择"
    )
    level3 = SuperiorChoice(entrance)
    level2.widget.attrs |= {
        "hx-get": f"{reverse('filings:superiors')}?entrance={entrance}{'&search=1' if search else ''}",
        "hx-target": "#id_superior",
        "hx-swap": "outerHTML",
        "hx-sync": "this:replace",
        "hx-disabled-elt": "#id_superior",  # no choice while the response, which replaces it, is loading
    }
    level2.label, level3.label = labels[entrance]
    if search:  # a superior that is found by name does not need the first select
        level2.required = False
        level2.help_text = "可以不选，直接搜索下一项。"
        level3.help_text = "转移生效后，由它审核本工会的业务。"
        for field in (level2, level3):
            field.widget.attrs |= {"data-search": "", "class": "form-select"}
    form.fields |= {"level2": level2, "superior": level3}
    level3.widget.choices = level3.groups(row_id(form["level2"].value()))


def check_superior(form: forms.Form) -> None:
    """Adds an error to 「superior」 when it is not under ``level2``, and removes it."""
    level2, superior = form.cleaned_data.pop("level2", None), form.cleaned_data.get("superior")
    if level2 and superior and superior.superior_id != level2.pk:
        form.add_error("superior", f"{superior.short_name}不属于{level2.short_name}，请重新选择。")


class SuperiorForm(forms.Form):
    """The two selects of one side of the tree, for the response that fills the second one."""

    def __init__(self, *args: Any, entrance: str, search: bool, labels: Labels = LEVEL_LABELS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        add_superior(self, entrance, labels=labels, search=search)
