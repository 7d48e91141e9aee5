"""Parsing of the registration and of the filing form."""

from django import forms


class EmployerNameForm(forms.Form):
    """What registration asks beside e-mail and password."""

    employer_name = forms.CharField(label="单位名称", max_length=100)

    def signup(self, request, user) -> None:
        """Called by allauth inside its own transaction, once the user exists."""
