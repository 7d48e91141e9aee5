"""Parsing of a policy."""

from typing import Any

from django import forms

from gonghui.policies.fields import FIELDS


class PolicyForm(forms.Form):
    """A number for each field; an empty one leaves it as it is decided above."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in FIELDS.items():
            self.fields[name] = forms.IntegerField(
                label=field.label,
                help_text=f"{field.help}不填的，按上级的规定。",
                required=False,
                min_value=1,
                max_value=field.maximum,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            )
