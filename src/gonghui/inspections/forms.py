"""Parsing of the forms of windows, and of the lists' filter."""

from typing import Any, cast

from django import forms
from django.utils.timezone import localdate

from gonghui.inspections.guards import MAX_REASON
from gonghui.inspections.models import DEADLINE, DEFAULT_BANNER, MEMBERS_BANNER, Subject
from gonghui.kit.forms import date_input
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

CITY, CHOSEN = "city", "chosen"


def _day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=date_input(), **more)


class Level2Choice(forms.ModelMultipleChoiceField):
    """Districts or bureaus as boxes, by what people call them."""

    def __init__(self, label: str, kind: str) -> None:
        rows = Union.objects.filter(kind=kind).standing().order_by("code")
        super().__init__(rows, label=label, required=False, widget=forms.CheckboxSelectMultiple)

    def label_from_instance(self, obj: Any) -> str:
        return obj.short_name


class WindowForm(forms.Form):
    """A new window: subject, dates, scope. All fields but the deadline have initial values."""

    template_name = "inspections/window_fields.html"

    subject = forms.ChoiceField(label="年检类型", choices=Subject.choices, initial=Subject.ORGANISATIONS)
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)
    begins_on = _day("开始日期")
    deadline = _day("截止日期", help_text="当天仍可确认。")
    reach = forms.ChoiceField(
        label="范围", choices=[(CITY, "全市"), (CHOSEN, "指定的区总工会、产业局")], widget=forms.RadioSelect
    )
    districts = Level2Choice("区总工会", UnionKind.DISTRICT)
    bureaus = Level2Choice("产业局", UnionKind.BUREAU)
    banner = forms.CharField(
        label="提示语",
        max_length=100,
        required=False,
        help_text=f"显示在基层工会的年检页面。不填则为：组织年检“{DEFAULT_BANNER}”，会员年检“{MEMBERS_BANNER}”；{DEADLINE}会换成截止日期。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in {"year": localdate().year, "begins_on": localdate(), "reach": CITY}.items():
            self.fields[name].initial = value

    def clean(self) -> dict[str, Any]:
        """``level2s``: the chosen ones, none for the whole city."""
        values = self.cleaned_data
        chosen = [*values.pop("districts", ()), *values.pop("bureaus", ())]
        reach = values.pop("reach", None)
        if reach == CHOSEN and not chosen:
            self.add_error("reach", "请至少勾选一个区总工会或产业局。")
        values["level2s"] = chosen if reach == CHOSEN else []
        return values


class ExtendForm(forms.Form):
    """A later deadline, with its reason."""

    deadline = _day("新的截止日期", help_text="当天仍可确认。")
    reason = forms.CharField(label="延长的原因", max_length=MAX_REASON, help_text="随通知告知未完成的工会。")


class ReasonForm(forms.Form):
    """The reason for closing a window or re-opening a confirmation."""

    reason = forms.CharField(label="原因", max_length=MAX_REASON)

    def __init__(self, *args: Any, label: str = "原因", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.CharField, self.fields["reason"]).label = label
