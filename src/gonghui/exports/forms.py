"""Parsing of a decision and of the reason of a recall."""

from django import forms

from gonghui.exports.models import MAX_REASON


def _reason(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=MAX_REASON, strip=True, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2}),  # Enter in one line would press the first button, which approves
    )  # fmt: skip


class DecisionForm(forms.Form):
    """``rows`` is how many the page showed."""

    opinion = _reason("意见", "不批准的必须填写原因，申请人会看到。")
    rows = forms.IntegerField(required=False, widget=forms.HiddenInput)


class RecallForm(forms.Form):
    reason = _reason("收回的原因", "收回别人的导出必须填写，申请人会看到。")
