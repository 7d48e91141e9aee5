"""Parsing of the form 「基层工会资料上报」 (SPEC 2.1)."""

from collections.abc import Callable
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, TextChoices
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.kit import documents, names
from gonghui.kit.forms import row_id
from gonghui.unions.codes import EconomicType, GrassrootsType, Industry
from gonghui.unions.levels import ENTRANCES
from gonghui.unions.models import Union

EARLIEST_FOUNDING = date(1921, 1, 1)
LEVEL_LABELS = {
    "district": ("工会所属区总工会", "工会所属街镇(开发区)工会"),
    "bureau": ("工会所属产业局", "工会所属二级产业局公司工会"),
}


def _choices(codes: type[TextChoices]) -> list[tuple[str, str]]:
    return [("", "请选择"), *codes.choices]


def _date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class UnionChoice(forms.ModelChoiceField):
    """Superiors, by what people call them: 杨浦区, 五角场镇."""

    queryset: QuerySet  # never missing, unlike Django's

    def label_from_instance(self, obj: Union) -> str:
        return obj.area or obj.name


class SuperiorChoice(UnionChoice):
    """Level-3 superiors, grouped under their level-2 ones: without JavaScript the groups are the dependence."""

    def __init__(self, entrance: str, **kwargs: Any) -> None:
        kind = ENTRANCES[entrance][1]
        rows = Union.objects.filter(kind=kind).select_related("superior").order_by("superior__code", "code")
        super().__init__(rows, empty_label="请选择", **kwargs)

    def groups(self, level2: int | None) -> list:
        """The select's choices: all in groups, or those of one level-2 superior."""
        if level2:
            return [("", "请选择"), *((one.pk, one.area or one.name) for one in self.queryset.filter(superior=level2))]
        grouped = groupby(self.queryset, key=lambda one: one.superior.area or one.superior.name)
        return [("", "请选择"), *((area, [(one.pk, one.area or one.name) for one in ones]) for area, ones in grouped)]


class FilingForm(forms.Form):
    """All fields required. Built for one entrance, since the superiors offered differ."""

    template_name = "filings/form_fields.html"

    employer_name = forms.CharField(label="单位名称", max_length=100)
    code = forms.CharField(
        label="单位行政法人和其他组织统一社会信用代码(或组织机构代码)",
        max_length=30,
        help_text="18 位统一社会信用代码；没有的填 9 位组织机构代码。",
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    economic_type = forms.ChoiceField(label="经济类型", choices=_choices(EconomicType))
    address = forms.CharField(label="单位地址", max_length=200)
    industry = forms.ChoiceField(label="单位所属行业", choices=_choices(Industry))
    name = forms.CharField(label="工会名称", max_length=100, help_text="工会的全称，例如“上海示例科技有限公司工会”。")
    founded_on = forms.DateField(label="建会日期", widget=_date_input())
    grassroots_type = forms.ChoiceField(label="基层工会类型", choices=_choices(GrassrootsType))
    reelection_on = forms.DateField(
        label="换届日期", widget=_date_input(), help_text="本届工会任期届满、应当换届的日期。"
    )
    leader = forms.CharField(label="工会负责人", max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    phone = forms.CharField(
        label="联系电话",
        max_length=30,
        help_text="手机号码，或带区号的固定电话。",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    staff_count = forms.IntegerField(
        label="职工人数", min_value=1, max_value=1_000_000, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    merged = forms.TypedChoiceField(
        label="是否合并工会",
        choices=[("true", "是"), ("false", "否")],
        coerce=lambda value: value == "true",
        widget=forms.RadioSelect,
        help_text="2017年7月以前的合并企业无需选择“是”。",
    )

    GROUPS = (
        ("单位信息", ("employer_name", "code", "economic_type", "industry", "address", "staff_count")),
        ("所属上级", ("level2", "superior")),
        ("工会信息", ("name", "founded_on", "grassroots_type", "reelection_on", "leader", "phone", "merged")),
    )

    def __init__(self, *args: Any, entrance: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        level2 = UnionChoice(Union.objects.filter(kind=ENTRANCES[entrance][0]).order_by("code"), empty_label="请选择")
        level3 = SuperiorChoice(entrance)
        level2.widget.attrs |= {
            "hx-get": f"{reverse('filings:superiors')}?entrance={entrance}",
            "hx-target": "#id_superior",
            "hx-swap": "outerHTML",
            "hx-sync": "this:replace",
            "hx-disabled-elt": "#id_superior",  # nothing can be chosen that the answer would take back
        }
        level2.label, level3.label = LEVEL_LABELS[entrance]
        self.fields |= {"level2": level2, "superior": level3}
        chosen = self["level2"].value()
        level3.widget.choices = level3.groups(row_id(chosen))
        self.order_fields([name for _, names_ in self.GROUPS for name in names_])

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The form as headings with their fields."""
        return [(heading, [self[name] for name in names_]) for heading, names_ in self.GROUPS]

    def clean_employer_name(self) -> str:
        return " ".join(self.cleaned_data["employer_name"].split())

    def clean_code(self) -> str:
        return _checked(documents.check_unit_code, self.cleaned_data["code"])

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

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        founded, reelection = values.get("founded_on"), values.get("reelection_on")
        if founded and reelection and reelection <= founded:
            self.add_error("reelection_on", "换届日期应晚于建会日期。")
        level2, superior = values.pop("level2", None), values.get("superior")
        if level2 and superior and superior.superior_id != level2.pk:
            self.add_error(
                "superior", f"{superior.area or superior.name}不属于{level2.area or level2.name}，请重新选择。"
            )
        return values


def _checked(check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except documents.Invalid as problem:
        raise ValidationError(str(problem)) from problem
