"""Why: the field that a relocation and a dissolution share."""

from django import forms

REASON_LIMIT = 200


def reason_field(label: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=REASON_LIMIT, widget=forms.Textarea(attrs={"rows": 3}))
