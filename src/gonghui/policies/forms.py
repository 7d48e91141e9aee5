"""The form of a policy."""

from typing import Any

from django import forms

from gonghui.policies.fields import FIELDS


class PolicyForm(forms.Form):
    """A number for each field. An empty field means the superior's value."""

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
