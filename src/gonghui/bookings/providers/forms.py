"""Parsing of a new account of a provider, and of the roster's day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.timezone import localdate

from gonghui.bookings.programmes.forms import text_field
from gonghui.kit.forms import ListFilter


class AccountForm(forms.Form):
    """Which provider, and who of it."""

    provider = text_field(
        "机构名称", 60, help_text="例如：市工人疗养院体检中心。已登记的机构填写同样的名称，即增加账号。"
    )
    name = text_field("联系人姓名", 30)
    email = forms.EmailField(label="电子邮箱", max_length=254, help_text="开通邮件发到这里，也是登录的用户名。")

    def clean_provider(self) -> str:
        return " ".join(self.cleaned_data["provider"].split())


class ResetForm(forms.Form):
    """Whether a lost second factor is removed, which is asked where there is one."""

    second_factor = forms.BooleanField(
        label="同时移除动态口令",
        required=False,
        help_text="仅在本人手机丢失、恢复码也不能用时勾选。请先用电话核实是本人；下次登录后要重新启用。",
    )

    def __init__(self, data: Any, *, factors: bool) -> None:
        super().__init__(data)
        if not factors:
            del self.fields["second_factor"]


class DayFilter(ListFilter):
    """One of the days of the provider's places; today if nothing is chosen."""

    day = forms.TypedChoiceField(label="日期", required=False, coerce=date.fromisoformat, empty_value=None)

    def __init__(self, data: Any, *, days: Sequence[date]) -> None:
        super().__init__(data)
        field: Any = self.fields["day"]
        field.choices = [("", "今天"), *((f"{day}", f"{day}") for day in days)]

    def narrowed(self, rows: Any, values: Any) -> Any:
        return rows.filter(session__begins_on=values["day"] or localdate())
