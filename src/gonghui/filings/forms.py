"""Parsing of the registration: allauth's sign-up with the employer's name."""

import re
from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.db import transaction
from django.http import HttpRequest

from gonghui.accounts.models import User
from gonghui.filings.registration import find_registered, register_employer
from gonghui.kit.forms import row_id
from gonghui.unions.models import RegisteredEmployer


class EmployerNameForm(forms.Form):
    """The employer's name, and the entry of the statistical register that was chosen for it (empty: none)."""

    employer_name = forms.CharField(label="单位名称", min_length=2, max_length=100)
    registered_id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_employer_name(self) -> str:
        name = re.sub(r"\s+", " ", self.cleaned_data["employer_name"])
        if not re.search(r"[^\W\d_]", name):
            raise forms.ValidationError("单位名称应有汉字或字母，请照证照上的全称填写。")
        return name

    def registered(self) -> RegisteredEmployer | None:
        """The register's entry for what was typed so far, for showing the form again."""
        if not self.is_bound:
            return None
        typed = self.data.get("registered_id")
        return find_registered(self.data.get("employer_name", "").strip(), row_id(typed))


class RegistrationForm(SignupForm, EmployerNameForm):
    """E-mail, password and employer. The account and its employer are made together or not at all."""

    field_order = ["email", "password1", "password2", "employer_name", "registered_id"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "企业邮箱"
        self.fields["email"].help_text = "作为登录的用户名，验证邮件和通知发到这里"
        self.fields["password2"].label = "再次输入密码"
        for name in ("email", "password1", "password2"):
            self.fields[name].widget.attrs.pop("placeholder", None)

    def save(self, request: HttpRequest) -> User:
        with transaction.atomic():
            user = super().save(request)
            register_employer(
                user, name=self.cleaned_data["employer_name"], registered_id=self.cleaned_data["registered_id"]
            )
        return user
