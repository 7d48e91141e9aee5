"""Parsing only: who is retained why and since when, or no longer."""

from typing import Any

from django import forms
from django.utils.timezone import localdate

from gonghui.members.standings import RetainedFor


class RetentionForm(forms.Form):
    """「保留会籍」 and 「恢复会籍」 of ticked members."""

    way = forms.ChoiceField(
        label="办理事项",
        choices=[("retain", "保留会籍"), ("resume", "恢复会籍，成为正常会员")],
        widget=forms.RadioSelect,
        initial="retain",
    )
    reason = forms.ChoiceField(
        label="保留会籍的原因",
        choices=[("", "请选择"), *RetainedFor.choices],
        required=False,
        help_text="保留会籍期间仍是本工会会员，单独统计，不担任工会职务，不申请办卡。",
    )
    on = forms.DateField(
        label="日期",
        initial=localdate,
        widget=forms.DateInput(attrs={"type": "date", "max": "9999-12-31", "autocomplete": "off"}),
        help_text="从这一天起保留或恢复，不能晚于今天。",
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("way") == "retain" and not values.get("reason"):
            self.add_error("reason", "请选择保留会籍的原因。")
        return values
