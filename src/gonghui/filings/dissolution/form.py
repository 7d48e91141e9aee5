"""Parsing of a dissolution and of a restoration."""

from typing import Any

from django import forms
from django.urls import reverse_lazy

from gonghui.filings.models import Dissolution
from gonghui.filings.reason import reason_field
from gonghui.kit.forms import asks


class DissolutionForm(forms.Form):
    """Reason, receiving union, and the typed confirmation (SPEC 2.5)."""

    into = forms.CharField(
        label="合并到",
        max_length=100,
        help_text="对方的工会编号、工会全称或统一社会信用代码。",
        widget=forms.TextInput(attrs={"autocomplete": "off", **asks(reverse_lazy("filings:heir"), "#heir")}),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)  # id of the union that the form showed
    reason = reason_field("撤销原因", help_text="上级工会会看到。")
    confirmed = forms.CharField(
        label="输入本工会的工会编号以确认撤销",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, way: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if way != Dissolution.Way.MERGED:
            del self.fields["into"], self.fields["seen"]


class RestorationForm(forms.Form):
    reason = reason_field("恢复原因")
