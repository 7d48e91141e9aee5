"""Parsing of the members' pages; what is right and wrong about a member is said by `values.clean_values`."""

from typing import Any

from django import forms
from django.urls import reverse_lazy

from gonghui.kit.documents import compact
from gonghui.members.codes import DocumentType, Education, Household, Sex, SkillLevel, UnionPosition
from gonghui.members.models import Member, Status
from gonghui.members.queries import Filters
from gonghui.members.values import CARD_ADDRESS, FIELDS, LABELS, MAX_ADDRESS, MemberValues, clean_values

_choose = ("", "请选择")
# Asks for what the number tells as soon as it is typed; without scripts the server fills it in on saving.
_live: dict[str, Any] = {
    "hx-post": reverse_lazy("members:check"),
    "hx-trigger": "change",
    "hx-target": "#told",
    "hx-sync": "closest form",
}


def _text(
    field: str, *, required: bool = True, help_text: str = "", max_length: int = 100, **attrs: Any
) -> forms.CharField:
    """A text field. The officer types another person's data, so the browser offers none of its owner's."""
    attrs = {"placeholder": f"请输入{LABELS[field]}", "autocomplete": "off", "spellcheck": "false", **attrs}
    return forms.CharField(
        label=LABELS[field],
        required=required,
        max_length=max_length,
        help_text=help_text,
        widget=forms.TextInput(attrs=attrs),
        error_messages={"required": f"请填写{LABELS[field]}。"},
    )


def _choice(field: str, choices: list, *, empty: bool = True, **attrs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=LABELS[field],
        choices=[_choose, *choices] if empty else choices,
        required=False,
        widget=forms.Select(attrs={"autocomplete": "off", **attrs}),
    )


class MemberForm(forms.Form):
    """「新增会员」 and 「编辑」 (SPEC 3.3): ``values`` holds the checked member once the form is valid."""

    name = _text("name", autofocus=True)
    position = _choice("position", UnionPosition.choices, empty=False)
    document_type = _choice("document_type", DocumentType.choices, empty=False, **_live)
    type_confirmed = forms.BooleanField(
        label="已对照证件核对，证件类型没有选错",
        required=False,
        widget=forms.CheckboxInput(attrs={"autocomplete": "off"}),
    )
    document_number = _text(
        "document_number", help_text="18 位身份证号码会自动填写性别和出生日期。", autocapitalize="characters", **_live
    )
    sex = _choice("sex", Sex.choices)
    born_on = forms.CharField(
        label=LABELS["born_on"],
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off", "max": "9999-12-31"}),
    )
    expires_on = forms.CharField(
        label=LABELS["expires_on"],
        required=False,
        help_text="长期有效的不填。办理会员服务卡时证件必须在有效期内。",
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off", "max": "9999-12-31"}),
    )
    mobile = _text("mobile", type="tel", inputmode="tel", max_length=30)
    address = _text(
        "address",
        required=False,
        max_length=MAX_ADDRESS,
        help_text=f"最多 {MAX_ADDRESS} 个字符；办理会员服务卡要求不超过 {CARD_ADDRESS} 个字符。",
    )
    education = _choice("education", Education.choices)
    household = _choice("household", Household.choices)
    skill_level = _choice("skill_level", SkillLevel.choices)
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    groups = (
        ("基本信息", ("name", "position")),
        ("身份信息", ("document_type", "document_number", "type_confirmed", "sex", "born_on", "expires_on")),
        ("联系方式", ("mobile", "address")),
        ("其他信息", ("education", "household", "skill_level")),
    )
    values: MemberValues | None = None

    def clean(self) -> dict[str, Any]:
        self.values, problems = clean_values(self.cleaned_data)
        for field, wrong, right in problems:
            if field not in self.errors:
                self.add_error(field, f"{wrong}，{right}。")
        return self.cleaned_data

    def grouped(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings; the tick where it is asked for."""
        asked = "type_confirmed" in self.errors or self["type_confirmed"].value()
        return [
            (title, [self[name] for name in names if name != "type_confirmed" or asked]) for title, names in self.groups
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
    """The filters over the list, with the manual's words."""

    document = forms.CharField(label="身份证号搜索", required=False, max_length=40)
    status = forms.ChoiceField(label="用户状态", choices=[("", "请选择状态"), *Status.choices], required=False)

    def filters(self) -> Filters:
        """Of a valid form."""
        return Filters(**self.cleaned_data)
