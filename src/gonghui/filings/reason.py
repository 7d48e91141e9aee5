"""The reason of a relocation, a dissolution or a restoration: its field and its check."""

from django import forms

from gonghui.kit.errors import Refused

MAX_REASON = 200


def reason_field(label: str, *, help_text: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=MAX_REASON, widget=widget, help_text=help_text)


def require_reason(text: str, label: str) -> str:
    """Returns the reason without surrounding spaces. Raises Refused when it is empty or too long."""
    reason = text.strip()
    if not reason or len(reason) > MAX_REASON:
        raise Refused(f"请填写{label}，不超过 {MAX_REASON} 个字。", field="reason")
    return reason
