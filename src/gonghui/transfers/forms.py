"""Parsing only: people to look up, receiving union, reason."""

from typing import Any

from django import forms
from django.urls import reverse_lazy

from gonghui.kit.forms import asks
from gonghui.transfers.departures.actions import MAX_NOTE, MAX_NUMBER, Document
from gonghui.transfers.models import ENDING, LEAVING, Leaving


class LookUpForm(forms.Form):
    """「逐个转入」: name and number, which must both match."""

    name = forms.CharField(
        label="姓名",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="与证件上的姓名一致。",
    )
    number = forms.CharField(
        label="证件号码",
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "num"}),
        help_text="证件上的完整号码，不能遮盖。",
    )


class ReleaseForm(forms.Form):
    """「转出」: to a union, which then accepts, or out of any, with the reason; 退会 and 除名 end the standing too."""

    way = forms.ChoiceField(
        label="转出方式",
        choices=[
            ("offer", "转到其他工会"),
            ("leave", "离开工会，不再属于任何工会"),
            (Leaving.WITHDRAWN.value, "退会：会员本人书面申请，立即生效，不需要审核"),
            (Leaving.EXPELLED.value, "除名：工会已作出决定，立即生效，报上级工会备案"),
        ],
        widget=forms.RadioSelect,
        initial="offer",
    )
    to = forms.CharField(
        label="转入的工会",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", **asks(reverse_lazy("transfers:target"), "#found")}),
        help_text="填写对方的工会编号、工会全称、单位全称或统一社会信用代码。对方接收以后会员才转出。",
    )
    reason = forms.ChoiceField(
        label="转出原因",
        choices=[("", "请选择"), *((reason.value, reason.label.replace("其他原因转出", "其他")) for reason in LEAVING)],
        required=False,
        help_text="立即生效，会员成为会员库中的无工会人员；7 天内没有其他变化的可以撤销。",
    )
    document_on = forms.DateField(
        label="申请或决定日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "max": "9999-12-31", "autocomplete": "off"}),
        help_text="退会填写本人申请的日期，除名填写决定的日期。",
    )
    document_number = forms.CharField(
        label="决定文号", max_length=MAX_NUMBER, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    note = forms.CharField(
        label="说明", max_length=MAX_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="选填"
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("way") == "offer" and not values.get("to"):
            self.add_error("to", "请填写转入的工会。")
        if values.get("way") == "leave" and not values.get("reason"):
            self.add_error("reason", "请选择转出原因。")
        if values.get("way") in ENDING and not values.get("document_on") and "document_on" not in self.errors:
            self.add_error("document_on", "请填写申请或决定的日期。")
        if values.get("way") == Leaving.EXPELLED and not values.get("document_number"):
            self.add_error("document_number", "请填写除名决定的文号。")
        return values

    @property
    def leaves_for(self) -> str:
        """Of a valid form: why the members leave, "" when they are offered."""
        values = self.cleaned_data
        return values["way"] if values["way"] in ENDING else values["reason"] if values["way"] == "leave" else ""

    @property
    def document(self) -> Document | None:
        """Of a valid form: by what the standing ends."""
        values = self.cleaned_data
        return Document(values["document_on"], values["document_number"]) if values["way"] in ENDING else None
