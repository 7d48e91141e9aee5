"""Forms of the registration: allauth's sign-up with the employer's name."""

import re
import secrets
from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html

from gonghui.accounts.forms import PersonNameField, PrivacyForm
from gonghui.accounts.models import User
from gonghui.accounts.privacy import accept_privacy
from gonghui.filings.registration.actions import announce_employer, find_registered
from gonghui.kit.forms import EmailInput, asks, row_id
from gonghui.unions.models import RegisteredEmployer

REGISTERED_EMAIL = "registered_email"
"""Session key: the address of the verification mail, shown so that a typing error is noticed."""

_WHO_SEES = "审核人和同事看到的办理人。"
_COMBOBOX = {
    "autocomplete": "organization",
    "role": "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": "employers",
}
"""Of the field that combobox.js makes one; the list stands in filings/employer_name.html."""


class EmployerNameForm(forms.Form):
    """The employer's name, and the entry of the statistical register that the user chose (empty: none)."""

    employer_name = forms.CharField(
        label="单位名称",
        min_length=2,
        max_length=100,
        help_text="请照营业执照等证照上的全称填写；输入两个字后会列出大统计库中的单位，没有列出也可以注册。",
        widget=forms.TextInput(attrs=_COMBOBOX | asks(reverse_lazy("filings:suggest"), "#employers", delay=250)),
    )
    registered_id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_employer_name(self) -> str:
        name = re.sub(r"\s+", " ", self.cleaned_data["employer_name"])
        if not re.search(r"[^\W\d_]", name):
            raise forms.ValidationError("单位名称应有汉字或字母，请照证照上的全称填写。")
        return name

    def registered(self) -> RegisteredEmployer | None:
        """Returns the register's entry for the typed name, for the form shown again."""
        if not self.is_bound:
            return None
        typed = self.data.get("registered_id")
        return find_registered(self.data.get("employer_name", "").strip(), row_id(typed))


class NextEmployerForm(EmployerNameForm):
    """The same for an existing account; a user without a name must also enter it."""

    name = PersonNameField(label="经办人姓名", autocomplete="name", help_text=_WHO_SEES)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user.name:
            del self.fields["name"]


class RegistrationForm(SignupForm, EmployerNameForm, PrivacyForm):
    """E-mail, password, name and employer of the officer. Account and employer are created in one transaction."""

    name = PersonNameField(label="经办人姓名", autocomplete="name", help_text=_WHO_SEES)

    field_order = [
        "email", "password1", "password2", "name", "employer_name", "registered_id", "privacy", "privacy_version",
    ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "企业邮箱"
        self.fields["email"].widget = EmailInput(attrs=self.fields["email"].widget.attrs)
        self.fields["email"].help_text = "作为登录的用户名，验证邮件和通知发到这里。"
        self.fields["password2"].label = "再次输入密码"
        self.fields["privacy"].help_text = format_html(
            '<a href="{}" target="_blank">阅读《个人信息处理说明》</a>（在新窗口中打开）', reverse("privacy")
        )
        for name in ("email", "password1", "password2"):
            self.fields[name].widget.attrs.pop("placeholder", None)

    def save(self, request: HttpRequest) -> User:
        with transaction.atomic():
            user = super().save(request)
            accept_privacy(user, self.cleaned_data["privacy_version"])
            announce_employer(
                user, name=self.cleaned_data["employer_name"], registered_id=self.cleaned_data["registered_id"]
            )
        return user

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Saves as allauth does. An e-mail with an account takes the same time, so the time does not reveal it.

        The next page shows the address in both cases.
        """
        request.session[REGISTERED_EMAIL] = self.cleaned_data["email"]
        if self.account_already_exists:
            self._save_and_forget(request)
        return super().try_save(request)

    def _save_and_forget(self, request: HttpRequest) -> None:
        """Creates an account with an unused e-mail, and rolls back."""
        email = self.cleaned_data["email"]
        self.cleaned_data["email"], self.account_already_exists = f"{secrets.token_hex(8)}@unknown.invalid", False
        with transaction.atomic():
            self.save(request)
            transaction.set_rollback(True)
        self.cleaned_data["email"], self.account_already_exists = email, True
