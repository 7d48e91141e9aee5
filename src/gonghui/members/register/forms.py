"""The forms of the members' pages; the rules of a member's values are in `validation.validate_member`."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.urls import reverse_lazy

from gonghui.accounts.models import User
from gonghui.codelists.fields import CodeField
from gonghui.codelists.queries import labels
from gonghui.exports.models import MAX_REASON
from gonghui.kit.documents import compact, mask_number
from gonghui.kit.excel import CellKind
from gonghui.members.codes import Sex
from gonghui.members.collected import Collected
from gonghui.members.field import Empty, Field, Group
from gonghui.members.fields import FIELDS, LABELS, MemberValues, in_order
from gonghui.members.hooks import CONDITIONS
from gonghui.members.models import Member
from gonghui.members.queries import AGES, LISTED, Filters
from gonghui.members.states import CorrectionState, Status
from gonghui.members.validation import validate_member
from gonghui.unions import hooks as unions
from gonghui.unions.hooks import Condition
from gonghui.unions.queries import superiors_below

# Requests the values that the number contains as soon as it is typed; without scripts the server adds them on saving.
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
"""Additional attributes of single inputs."""


def _input(field: Field, required: bool) -> forms.Field:
    """The officer types another person's data, so the browser offers none of its owner's."""
    attrs = {"autocomplete": "off", **_attrs.get(field.name, {})}
    options: dict[str, Any] = {
        "label": field.label,
        "required": required,
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


TICKS = ["type_confirmed", "expulsion_known"]
"""What the officer is asked for by a refusal; shown only then."""


def _names(group: Group, fields: Sequence[Field]) -> list[str]:
    names = [field.name for field in in_order(fields, "mobile") if field.group == group]
    if "document_number" in names:
        after = names.index("document_number") + 1
        names[after:after] = TICKS
    return names


class MemberForm(forms.Form):
    """「新增会员」 and 「编辑」 (SPEC 3.3): ``values`` holds the checked member once the form is valid.

    ``member`` is None for a new one, who must have what the city requires; of another the action checks it.
    """

    type_confirmed = forms.BooleanField(
        label="已对照证件核对，证件类型没有选错",
        required=False,
        widget=forms.CheckboxInput(attrs={"autocomplete": "off"}),
    )
    expulsion_known = forms.BooleanField(
        label="已知悉曾被除名，同意重新入会",
        required=False,
        widget=forms.CheckboxInput(attrs={"autocomplete": "off"}),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    values: MemberValues | None = None

    def __init__(self, *args: Any, collected: Collected, member: Member | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.collected = collected
        required = [] if member else collected.required
        self.fields = {
            field.name: _input(field, field.empty == Empty.REFUSED or field in required) for field in collected.fields
        } | self.fields
        self.groups = [(group.value, names) for group in Group if (names := _names(group, collected.fields))]
        self.order_fields([name for _, names in self.groups for name in names])

    def clean(self) -> dict[str, Any]:
        self.values, problems = validate_member(self.cleaned_data, fields=self.collected.fields)
        for field, wrong, right in problems:
            if field not in self.errors:
                self.add_error(field, f"{wrong}，{right}。")
        return self.cleaned_data

    def grouped(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings; a tick where it is asked for."""
        unasked = {name for name in TICKS if name not in self.errors and not self[name].value()}
        return [(title, [self[name] for name in names if name not in unasked]) for title, names in self.groups]


def values_of(member: Member) -> dict[str, Any]:
    """Returns all values of a member, in full, as the form wants them first; the caller records the disclosure."""
    return {field: getattr(member, field) for field in FIELDS}


class NameAndNumber(forms.Form):
    """The search by name and 会员编号, as typed; the form is posted, see `queries.Filters`."""

    name = forms.CharField(label="姓名搜索", required=False, max_length=50)
    number = forms.CharField(
        label="会员编号搜索", required=False, max_length=40, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )

    def clean_number(self) -> str:
        return compact(self.cleaned_data["number"])


class FilterForm(NameAndNumber):
    """The same with the document number; the labels are the manual's."""

    document = forms.CharField(label="身份证号搜索", required=False, max_length=40)

    def filters(self) -> Filters:
        """Returns the filters of a valid form."""
        return Filters(**self.cleaned_data)


class MemberFilter(FilterForm):
    """All filters over the list. A superior chooses by the members' unions, too."""

    status = forms.ChoiceField(label="用户状态", choices=[("", "请选择状态"), *Status.choices], required=False)
    superior = forms.ChoiceField(label="所属上级", required=False, widget=forms.Select(attrs={"data-search": True}))
    card = forms.ChoiceField(required=False)
    sex = forms.ChoiceField(label="性别", choices=lambda: [("", "全部"), *labels(Sex).items()], required=False)
    age = forms.ChoiceField(label="年龄", choices=[("", "全部"), *AGES.items()], required=False)
    inspection = forms.ChoiceField(required=False)
    standing = forms.ChoiceField(label="会籍", choices=[("", "全部"), *LISTED.items()], required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.superiors = {str(union.pk): union.path for union in superiors_below(user)}
        if self.superiors:
            cast(forms.ChoiceField, self.fields["superior"]).choices = [("", "全部"), *self.superiors.items()]
        else:
            del self.fields["superior"]
        self._offer("card", CONDITIONS["card"])
        self._offer("inspection", unions.CONDITIONS["inspection"])
        if user.union is None or user.union.is_grassroots:
            del self.fields["inspection"]

    def _offer(self, name: str, condition: Condition) -> None:
        field = cast(forms.ChoiceField, self.fields[name])
        field.label, field.choices = condition.label, [("", "全部"), *condition.choices.items()]


def conditions(filters: Filters, form: MemberFilter) -> dict[str, tuple[str, str]]:
    """Returns label and words of each active filter by its name, numbers masked. ``form`` is that of who has searched."""
    words = {
        "name": filters.name,
        "number": filters.number,
        "document": mask_number(filters.document),
        "status": dict(Status.choices).get(filters.status),
        "correction": dict(CorrectionState.choices).get(filters.correction),
        "superior": form.superiors.get(filters.superior, "不在您的管辖范围内"),
        "inspection": unions.CONDITIONS["inspection"].choices.get(filters.inspection),
        "card": CONDITIONS["card"].choices.get(filters.card),
        "sex": labels(Sex).get(filters.sex),
        "age": AGES.get(filters.age),
        "standing": LISTED.get(filters.standing),
        "missing": LABELS.get(filters.missing),
    }
    titles = {name: field.label for name, field in form.fields.items()} | {
        "correction": "信息修改",
        "missing": "没有填写",
        "superior": "所属上级",
        "inspection": unions.CONDITIONS["inspection"].label,
    }
    return {
        name: (str(titles[name]).removesuffix("搜索"), str(said))
        for name, said in words.items()
        if getattr(filters, name)
    }


class ExportForm(forms.Form):
    """「导出」: masked or in full, and what for. ``sensitive`` are the labels of the columns that may be added."""

    numbers = forms.ChoiceField(
        label="证件号码、移动电话和联系地址",
        choices=[("masked", "遮盖"), ("full", "完整")],
        initial="masked",
        widget=forms.RadioSelect,
    )
    sensitive = forms.BooleanField(required=False)
    purpose = forms.CharField(
        label="用途",
        required=False,
        max_length=MAX_REASON,
        help_text="导出不遮盖的内容时必须填写，例如“填报全国会员信息采集表”。写入文件，批准人和会员本人都能看到。",
    )
    confirmed = forms.BooleanField(
        label="确认因工作需要导出。文件含有完整的个人信息，请妥善保管，用后删除。", required=False
    )

    def __init__(self, data: Any, *, full: bool, sensitive: Sequence[str]) -> None:
        super().__init__(data)
        if not full:
            cast(forms.ChoiceField, self.fields["numbers"]).choices = [("masked", "遮盖")]
        self.fields["sensitive"].label = f"一并导出{'、'.join(sensitive)}（不遮盖）"
        if not sensitive:
            del self.fields["sensitive"]
        if not full and not sensitive:
            del self.fields["purpose"], self.fields["confirmed"]

    @property
    def full(self) -> bool:
        return self.cleaned_data.get("numbers") == "full"

    @property
    def sensitive_too(self) -> bool:
        return bool(self.cleaned_data.get("sensitive"))

    def clean(self) -> dict[str, Any]:
        if (self.full or self.sensitive_too) and not self.cleaned_data.get("confirmed"):
            self.add_error("confirmed", "导出不遮盖的内容之前，请勾选“确认因工作需要导出”。")
        return self.cleaned_data
