"""Parsing of the pages of 「代码表」."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.timezone import localdate

from gonghui.codelists.models import MAX_LABEL, MAX_NATIONAL, Code


def _day(label: str, help_text: str) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "max": "9999-12-31"})
    return forms.DateField(label=label, help_text=help_text, initial=localdate, widget=widget)


class LabelForm(forms.Form):
    """The name of a value; as typed, what is wrong with it is said by the action."""

    label = forms.CharField(
        label="名称",
        max_length=MAX_LABEL,
        help_text=f"表单、模板和导出中显示的文字，最多 {MAX_LABEL} 个字符。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RenameForm(LabelForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class AddForm(LabelForm):
    """A new value of a list."""

    national = forms.CharField(
        label="国家代码",
        required=False,
        max_length=MAX_NATIONAL,
        validators=[RegexValidator(r"\A[0-9A-Za-z.-]*\Z", "国家代码由字母和数字组成，请核对。")],
        help_text="国家标准中没有的不填。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    since = _day("启用日期", "从这一天起可以选择。")
    after = forms.ModelChoiceField(Code.objects.none(), label="排在哪个值后面", required=False, empty_label="排在最后")

    def __init__(self, *args: Any, codes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["after"].queryset = codes  # type: ignore[attr-defined] # a ModelChoiceField's


class RetireForm(forms.Form):
    """From when on a value is not chosen any more, and what instead."""

    on = _day("停用日期", "从这一天起不能再选择；已经登记的资料不变。")
    successor = forms.ModelChoiceField(
        Code.objects.none(),
        label="由哪个值替代",
        required=False,
        empty_label="不指定",
        help_text="文件或表单中用到停用的值时，提示改为这个值。",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, codes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = codes  # type: ignore[attr-defined] # a ModelChoiceField's


class ReopenForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
