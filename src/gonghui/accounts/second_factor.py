"""Forms for the second factor: wrong codes are counted like wrong passwords (sign_in.py)."""

from allauth.mfa.base import forms as base
from django import forms
from django.utils import timezone

from gonghui.accounts import sign_in


class _Counted(base.BaseAuthenticateForm):
    """allauth's form; beyond the limit no code is checked."""

    def clean_code(self) -> str:
        """Raises ValidationError for a wrong code, or after too many."""
        try:
            attempt = sign_in.begin_second_factor(self.user)
            try:
                code: str = super().clean_code()
            except forms.ValidationError:
                attempt.failed()
                raise
        except sign_in.Locked as locked:
            until = f"{timezone.localtime(locked.until):%H:%M}"
            raise forms.ValidationError(f"动态口令连续输错多次，请在 {until} 之后再试，或请管理员重设登录。") from None
        attempt.succeeded()
        return code


class AuthenticateForm(_Counted, base.AuthenticateForm):
    """At sign-in."""


class ReauthenticateForm(_Counted, base.ReauthenticateForm):
    """Before a sensitive page."""
