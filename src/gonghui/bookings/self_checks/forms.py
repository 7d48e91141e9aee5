"""Parsing of a check at another hospital, of the decision about it, and of the lists' filters."""

from decimal import Decimal
from typing import Any

from django import forms

from gonghui.bookings.eligibility.queries import may_be_stated
from gonghui.bookings.models import Programme, SelfCheck
from gonghui.bookings.programmes.forms import money_field, radio, text_field
from gonghui.bookings.self_checks.validation import MAX_HOSPITAL, Invoice, days_of
from gonghui.bookings.sentences import MAX_REASON
from gonghui.bookings.states import SelfCheckState
from gonghui.kit.forms import ListFilter, date_input


class MemberForm(forms.Form):
    """Of whom the invoice is."""

    member = text_field(
        "会员编号或姓名",
        50,
        help_text="本工会的会员。同名的请填会员编号，在「会员管理」中可以查到。",
        error_messages={"required": "请填写会员编号或姓名。"},
    )


class InvoiceForm(forms.Form):
    """Where and when somebody was checked, and the invoice's number and amount; never a result."""

    hospital = text_field("体检医院", MAX_HOSPITAL, help_text="按发票填写全称，例如：上海市示例医院。")
    checked_on = forms.DateField(label="体检日期", widget=date_input())
    number = text_field("发票号码", 40, help_text="发票右上角的号码；电子发票为 20 位。")
    amount = money_field("发票金额（元）")
    stated = forms.MultipleChoiceField(label="情况说明", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, programme: Programme, earlier: SelfCheck | None = None) -> None:
        names = ("hospital", "checked_on", "amount", "stated")
        told = {name: getattr(earlier, name) for name in names} | {"number": earlier.invoice_number} if earlier else {}
        super().__init__(data, initial=told)
        first, last = days_of(programme)
        self.fields["checked_on"].help_text = f"{first} 至 {last} 之间。"
        self.fields["amount"].required = True
        self.fields["amount"].help_text = f"按发票填写；最多报销 {programme.self_check_price} 元，其余由个人承担。"
        if choices := may_be_stated(programme):
            field: Any = self.fields["stated"]
            field.choices = choices
        else:
            del self.fields["stated"]

    @property
    def invoice(self) -> Invoice:
        values = self.cleaned_data
        return Invoice(
            hospital=values["hospital"],
            checked_on=values["checked_on"],
            number=values["number"],
            amount=Decimal(values["amount"]),
            stated=values.get("stated", []),
        )


class DecisionForm(forms.Form):
    """What the publisher decides."""

    decision = radio("审核结果", [("yes", "通过，记入会员参加记录"), ("no", "不通过")])
    opinion = text_field(
        "审核意见", MAX_REASON, lines=3, required=False, help_text="不通过的必须写明原因，随通知告知所在工会。"
    )

    @property
    def accepted(self) -> bool:
        return bool(self.cleaned_data["decision"] == "yes")


class DeskFilter(ListFilter):
    """The publisher's list begins with those that wait."""

    WAITING, ALL = "", "all"
    CHOICES = [
        (WAITING, "待审核"),
        (SelfCheckState.ACCEPTED.value, SelfCheckState.ACCEPTED.label),
        (SelfCheckState.REFUSED.value, SelfCheckState.REFUSED.label),
        (ALL, "全部"),
    ]
    state = forms.ChoiceField(label="状态", required=False, choices=CHOICES)

    def narrowed(self, rows: Any, values: Any) -> Any:
        if values["state"] == self.ALL:
            return rows
        return rows.filter(state=values["state"] or SelfCheckState.SUBMITTED)

    @property
    def chosen(self) -> str:
        """The state; those that wait while it is wrong."""
        return self.cleaned_data["state"] if self.is_valid() else self.WAITING
