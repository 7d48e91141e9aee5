"""Parsing of the members' pages; what is right and wrong about a member is said by `validation.validate_member`."""

from typing import Any, cast

from django import forms
from django.urls import reverse_lazy

from gonghui.accounts.models import User
from gonghui.codelists.fields import CodeField
from gonghui.codelists.queries import labels
from gonghui.kit.documents import compact
from gonghui.kit.excel import CellKind
from gonghui.members.codes import Sex
from gonghui.members.fields import FIELDS, Empty, Field, Group, MemberValues, in_order
from gonghui.members.models import Member, Status
from gonghui.members.queries import AGES, CARD, Filters
from gonghui.members.validation import validate_member
from gonghui.unions.queries import superiors_below

# Asks for what the number tells as soon as it is typed; without scripts the server fills it in on saving.
_live: dict[str, Any] = {
    "hx-post": reverse_lazy("members:check"),
    "hx-trigger": "change",
    "hx-target": "#told",
    "hx-sync": "closest form",
}
_attrs: dict[str, dict[str, Any]] = {
    "name": {"autofocus": True},
    "document_type": _live,
    "document_number": {"autocapitalize": "characters", **_live},
    "mobile": {"type": "tel", "inputmode": "tel"},
}
"""What single inputs have beside what their kind has."""


def _input(field: Field) -> forms.Field:
    """The officer types another person's data, so the browser offers none of its owner's."""
    attrs = {"autocomplete": "off", **_attrs.get(field.name, {})}
    options: dict[str, Any] = {
        "label": field.label,
        "required": field.empty == Empty.REFUSED,
        "help_text": field.help,
        "error_messages": {"required": f"请填写{field.label}。"},
    }
    if field.codes:
        return CodeField(field.codes, blank=not field.default, widget=forms.Select(attrs=attrs), **options)
    if field.kind == CellKind.DATE:
        attrs |= {"type": "date", "max": "9999-12-31"}
        return forms.CharField(widget=forms.DateInput(attrs=attrs), **options)
    attrs = {"placeholder": f"请输入{field.label}", "spellcheck": "false", **attrs}
    return forms.CharField(max_length=field.max_length, widget=forms.TextInput(attrs=attrs), **options)


def _names(group: Group) -> list[str]:
    names = [field.name for field in in_order("mobile") if field.group == group]
    if "document_number" in names:
        names.insert(names.index("document_number") + 1, "type_confirmed")
    return names


GROUPS = [(group.value, _names(group)) for group in Group]


class MemberForm(forms.Form):
    """「新增会员」 and 「编辑」 (SPEC 3.3): ``values`` holds the checked member once the form is valid."""

    type_confirmed = forms.BooleanField(
        label="已对照证件核对，证件类型没有选错",
        required=False,
        widget=forms.CheckboxInput(attrs={"autocomplete": "off"}),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    values: MemberValues | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {name: _input(field) for name, field in FIELDS.items()} | self.fields
        self.order_fields([name for _, names in GROUPS for name in names])

    def clean(self) -> dict[str, Any]:
        self.values, problems = validate_member(self.cleaned_data)
        for field, wrong, right in problems:
            if field not in self.errors:
                self.add_error(field, f"{wrong}，{right}。")
        return self.cleaned_data

    def grouped(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings; the tick where it is asked for."""
        confirmable = "type_confirmed" in self.errors or self["type_confirmed"].value()
        return [
            (title, [self[name] for name in names if name != "type_confirmed" or confirmable])
            for title, names in GROUPS
        ]


def values_of(member: Member) -> dict[str, Any]:
    """The form's initial values, in full: the look at them is for the caller to record."""
    return {field: getattr(member, field) for field in FIELDS}


class NameAndNumber(forms.Form):
    """What members are searched for by, typed as people type it; the form is posted, see `queries.Filters`."""

    name = forms.CharField(label="姓名搜索", required=False, max_length=50)
    number = forms.CharField(
        label="会员编号搜索", required=False, max_length=40, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )

    def clean_number(self) -> str:
        return compact(self.cleaned_data["number"])


class FilterForm(NameAndNumber):
    """The same with the document number; the manual's words."""

    document = forms.CharField(label="身份证号搜索", required=False, max_length=40)

    def filters(self) -> Filters:
        """Of a valid form."""
        return Filters(**self.cleaned_data)


class MemberFilter(FilterForm):
    """All filters over the list. Who has superior unions below chooses among them, too."""

    status = forms.ChoiceField(label="用户状态", choices=[("", "请选择状态"), *Status.choices], required=False)
    superior = forms.ChoiceField(label="所属上级", required=False, widget=forms.Select(attrs={"data-search": True}))
    card = forms.ChoiceField(label="会员卡", choices=[("", "全部"), *CARD.items()], required=False)
    sex = forms.ChoiceField(label="性别", choices=lambda: [("", "全部"), *labels(Sex).items()], required=False)
    age = forms.ChoiceField(label="年龄", choices=[("", "全部"), *AGES.items()], required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.superiors = {str(union.pk): union.path for union in superiors_below(user)}
        if self.superiors:
            cast(forms.ChoiceField, self.fields["superior"]).choices = [("", "全部"), *self.superiors.items()]
        else:
            del self.fields["superior"]
