"""Forms of a union's particulars: 「基层工会资料上报」 (SPEC 2.1), and the changes of an approved union (SPEC 2.3)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from gonghui.codelists.fields import CodeField
from gonghui.filings import national
from gonghui.filings.superior_choice import add_superior, check_superior
from gonghui.kit import documents, names
from gonghui.kit.forms import date_input
from gonghui.policies.columns.of_unions import MANUAL, Collected
from gonghui.unions import union_details
from gonghui.unions.codes import EconomicType, GrassrootsType, Industry
from gonghui.unions.models import MAX_STAFF, Union
from gonghui.unions.national_rules import check_legal_code

EARLIEST_FOUNDING = date(1921, 1, 1)

MAX_TYPED = 500
"""Maximum length of a draft's field in characters. It is more than any field allows: a draft may be invalid."""

Groups = Sequence[tuple[str, Sequence[str]]]
"""Headings with the names of their fields."""


class AmendmentForm(forms.Form):
    """The fields that may be changed later. The manual's are all required; of the national form there are those that the
    city asks for (``asked``), of a union with the values ``held`` (`national.held_by`; none: its first filing).
    """

    template_name = "filings/form_fields.html"

    address = forms.CharField(label="单位地址", max_length=200, help_text="写到门牌号，例如“上海市杨浦区示例路100号”。")
    industry = CodeField(Industry, label="单位所属行业")
    staff_count = forms.IntegerField(
        label="职工人数",
        min_value=1,
        max_value=MAX_STAFF,
        help_text="单位现有的全部职工，不只是会员。",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    name = forms.CharField(label="工会名称", max_length=100, help_text="工会的全称，例如“上海示例科技有限公司工会”。")
    founded_on = forms.DateField(label="建会日期", widget=date_input(), help_text="照上级工会同意建会的批复填写。")
    grassroots_type = CodeField(GrassrootsType, label="基层工会类型")
    reelection_on = forms.DateField(
        label="换届日期", widget=date_input(), help_text="本届工会任期届满、应当换届的日期。"
    )
    leader = forms.CharField(
        label="工会负责人",
        max_length=50,
        help_text="工会主席，或主持工作的负责人。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label="联系电话",
        max_length=30,
        help_text="手机号码，或带区号的固定电话，例如 021-61234567。",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    merged = forms.TypedChoiceField(
        label="是否合并工会",
        choices=[("true", "是"), ("false", "否")],
        coerce=lambda value: value == "true",
        widget=forms.RadioSelect,
        help_text="2017年7月以前的合并企业无需选择“是”。",
    )

    GROUPS: ClassVar[Groups] = (
        ("单位信息", ("address", "industry", "staff_count")),
        ("工会信息", ("name", "founded_on", "grassroots_type", "reelection_on", "leader", "phone", "merged")),
    )

    def __init__(
        self, *args: Any, asked: Collected = MANUAL, held: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked, self.held = asked, held or {}
        self.fields |= national.inputs(asked, held)
        self.sections = [*self.GROUPS, *national.groups(asked)]

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Returns the headings with their fields."""
        return [(heading, [self[name] for name in names_]) for heading, names_ in self.sections]

    def typed(self) -> dict[str, Any]:
        """Returns the typed values for a draft: valid ones cleaned, invalid ones as text up to MAX_TYPED."""
        self.is_valid()
        raw = {name: self.data.get(name, "")[:MAX_TYPED] for name in self.fields}
        return {**raw, **self.cleaned_data}

    def clean_leader(self) -> str:
        return _checked(names.clean_name, self.cleaned_data["leader"])

    def clean_phone(self) -> str:
        return _checked(documents.check_phone, self.cleaned_data["phone"])

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        if "工会" not in name:
            raise ValidationError("工会名称应写全称，其中要有“工会”二字，例如“上海示例科技有限公司工会”。")
        return name

    def clean_founded_on(self) -> date:
        day = self.cleaned_data["founded_on"]
        if not EARLIEST_FOUNDING <= day <= localdate():
            raise ValidationError("建会日期应在 1921 年以后，且不晚于今天。")
        return day

    def clean_legal_code(self) -> str:
        typed = self.cleaned_data["legal_code"]
        employer_code = self.cleaned_data.get("code") or self.held.get("code") or ""
        return _checked(lambda text: check_legal_code(text, employer_code), typed) if typed else ""

    def clean(self) -> dict[str, Any]:
        founded, reelection = self.cleaned_data.get("founded_on"), self.cleaned_data.get("reelection_on")
        if founded and reelection and reelection <= founded:
            self.add_error("reelection_on", "换届日期应晚于建会日期。")
        right = {name: value for name, value in self.held.items() if name not in self.errors}
        for name, sentence in national.problems(self.cleaned_data, right, self.asked):
            if name not in self.errors:
                self.add_error(name, sentence)
        return self.cleaned_data


class FilingForm(AmendmentForm):
    """The whole form, with employer and superior. Built for one entrance, which decides the superiors offered."""

    employer_name = forms.CharField(label="单位名称", max_length=100, help_text="营业执照等证照上的全称。")
    code = forms.CharField(
        label="单位行政法人和其他组织统一社会信用代码(或组织机构代码)",
        max_length=30,
        help_text="营业执照上的 18 位统一社会信用代码；没有的填 9 位组织机构代码。",
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    economic_type = CodeField(EconomicType, label="经济类型")

    GROUPS: ClassVar[Groups] = (
        ("单位信息", ("employer_name", "code", "economic_type", "industry", "address", "staff_count")),
        ("所属上级", ("level2", "superior")),
        ("工会信息", ("name", "founded_on", "grassroots_type", "reelection_on", "leader", "phone", "merged")),
    )

    def __init__(self, *args: Any, entrance: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        add_superior(self, entrance)
        self.order_fields([name for _, names_ in self.sections for name in names_])

    def clean_employer_name(self) -> str:
        return " ".join(self.cleaned_data["employer_name"].split())

    def clean_code(self) -> str:
        return _checked(documents.check_unit_code, self.cleaned_data["code"])

    def clean(self) -> dict[str, Any]:
        check_superior(self)
        return super().clean()


def initial_of(packed: dict[str, Any], union: Union) -> dict[str, Any]:
    """Returns packed particulars of ``union`` as the initial values of a form."""
    values = union_details.unpack(packed, union)
    if values.get("merged") in (True, False):
        values["merged"] = "true" if values["merged"] else "false"
    return values


def _checked(check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except documents.Invalid as problem:
        raise ValidationError(str(problem)) from problem
