"""The columns of the national form in a filing and in an amendment: inputs, and what must hold of them (SPEC 2.7)."""

from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any

from django import forms

from gonghui.codelists.fields import CodeField
from gonghui.kit.errors import Refused
from gonghui.kit.forms import date_input
from gonghui.policies.columns.of_unions import Collected, is_missing
from gonghui.unions.codes import Established
from gonghui.unions.models import Union, UnionState
from gonghui.unions.national import FIELDS, Field, Kind
from gonghui.unions.national_rules import check
from gonghui.unions.union_details import require_legal_code_free

COMPARED = ("founded_on", "reelection_on", "staff_count")
"""The manual's fields that rules compare with those of the national form, beside the employer's code."""


def held_by(union: Union) -> dict[str, Any] | None:
    """Returns what an approved union has registered; None for one that files for the first time."""
    if union.state != UnionState.APPROVED:
        return None
    owners = {True: union.employer, False: union}
    values = {name: getattr(owners[field.of_employer], name) for name, field in FIELDS.items()}
    return values | {name: getattr(union, name) for name in COMPARED} | {"code": union.employer.code}


def inputs(asked: Collected, held: Mapping[str, Any] | None) -> dict[str, forms.Field]:
    """Returns the inputs of what is asked for; required where it is and the union is new."""
    return {field.name: _input(field, required=field in asked.required, held=held) for field in asked.fields}


def groups(asked: Collected) -> list[tuple[str, list[str]]]:
    """Returns the headings with the names of their fields."""
    return [
        (group.value, [field.name for field in fields]) for group, fields in groupby(asked.fields, attrgetter("group"))
    ]


def _input(field: Field, *, required: bool, held: Mapping[str, Any] | None) -> forms.Field:
    gap = required and held is not None and is_missing(field, held)
    options: dict[str, Any] = {
        "label": field.label,
        "required": required and held is None and not field.detail_of,
        "help_text": f"{field.help}市总工会要求填写这一项，请补填。" if gap else field.help,
    }
    if field.codes:
        return CodeField(field.codes, **options)
    if field.kind == Kind.DATE:
        return forms.DateField(widget=date_input(), **options)
    if field.kind == Kind.NUMBER:
        number = forms.NumberInput(attrs={"inputmode": "numeric"})
        return forms.IntegerField(min_value=field.smallest, max_value=field.largest, widget=number, **options)
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    if field.kind == Kind.LEGAL_CODE:
        attrs["autocapitalize"] = "characters"
    return forms.CharField(max_length=field.max_length, widget=forms.TextInput(attrs=attrs), **options)


def problems(values: Mapping[str, Any], held: Mapping[str, Any], asked: Collected) -> list[tuple[str, str]]:
    """Returns (field, sentence) of each problem of the values that a union with those ``held`` sends (none: it is new)."""
    after = {**held, **values}
    gaps = [(field.name, told) for field in asked.required if is_missing(field, after) and (told := _gap(field, held))]
    shown = {*values, *asked.names}
    wrong = [
        (name, problem.sentence)
        for problem in check(after)
        if (name := next((name for name in problem.fields if name in shown), None))
    ]
    return [*gaps, *wrong]


def _gap(field: Field, held: Mapping[str, Any]) -> str:
    """The problem of a required field that is empty: a registered union may keep a gap, but not make one."""
    if held.get(field.name) not in ("", None):
        return f"“{field.label}”是必填项目，已经登记的内容不能清空，请填写。"
    made = field.detail_of and held.get(field.detail_of) != Established.YES
    return f"请填写{field.label}。" if made or not held else ""


def require_right(values: Mapping[str, Any], union: Union, asked: Collected) -> dict[str, Any]:
    """Checks the values that a locked union sends, and returns them without columns that are not asked for.

    Raises Refused, with the field, for the first problem.
    """
    for name, sentence in problems(values, held_by(union) or {}, asked):
        raise Refused(sentence, field=name)
    require_legal_code_free(values.get("legal_code") or "", union)
    return {name: value for name, value in values.items() if name not in FIELDS or name in asked.names}
