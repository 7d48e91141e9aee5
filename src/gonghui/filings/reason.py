"""Why: the field that a relocation and a dissolution share."""

from django import forms

MAX_REASON = 200


def reason_field(label: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 3}))
