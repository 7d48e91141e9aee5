"""The adapter for django-allauth's accounts.

Mail goes through our outbox, redirects are limited to our pages, and failures are counted before a password is checked.

It is here and not in accounts, because it sends mail; settings.ACCOUNT_ADAPTER names it.
"""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from gonghui.accounts import sign_in
from gonghui.accounts.devices import remember
from gonghui.accounts.hooks import on_email_proved
from gonghui.accounts.limits import Limit, spend, too_many
from gonghui.accounts.models import User
from gonghui.audit.middleware import client_address
from gonghui.kit.redirects import own_page
from gonghui.notices.actions import send_mail

PROOF_MAIL = Limit("proof_mail", 1, timedelta(minutes=3))
"""Limit of sign-up mails to one address; the links of earlier ones still work."""


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "这个账号已停用。如需恢复，请联系本工会或上级工会的管理员。",
        "duplicate_email": "这个邮箱就是本账号正在使用的邮箱，请填写新的邮箱。",
        "email_password_mismatch": "用户名或密码不正确。请检查后重试；忘记密码时请点「忘记密码」。",
        "enter_current_password": "当前密码不正确，请重新输入。",
        "incorrect_password": "密码不正确，请重新输入。",
        "invalid_password_reset": "这个链接已失效，请重新申请。",
    }

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """As allauth's, with the name: others see it instead of the e-mail."""
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """As allauth's; the try is counted before and uncounted when the password is right (accounts/sign_in.py)."""
        email = credentials.get("email") or ""
        try:
            attempt = sign_in.begin(request, email)
            user = super().authenticate(request, **credentials)
            if user:
                attempt.succeeded()
            else:
                attempt.failed()
        except sign_in.Locked as locked:
            page = too_many(request, locked.until, template="account/locked.html", email=email)
            raise ImmediateHttpResponse(page) from None
        return user

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """As allauth's; makes the device known, so that guesses on other devices do not lock it out."""
        response = super().post_login(request, user, **kwargs)
        remember(request, response, user.email)
        return response

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """As allauth's, in one transaction with the requests that wait for the verification."""
        with transaction.atomic():
            proved = super().confirm_email(request, email_address)
            sentences = on_email_proved(email_address.user) if proved else []
        for sentence in sentences:
            messages.warning(request, sentence)
        return proved

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        if spend(PROOF_MAIL, emailconfirmation.email_address.email):
            super().send_confirmation_mail(request, emailconfirmation, signup)

    def send_account_already_exists_mail(self, email: str) -> None:
        if spend(PROOF_MAIL, email):
            super().send_account_already_exists_mail(email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Puts mail of ``<prefix>_subject.txt`` and ``<prefix>_message.txt`` into the outbox, with links on ``base``."""
        context = {
            "email": email,
            "base": _base(allauth_context.request),
            "environment": settings.ENVIRONMENT,
        } | context
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
        body = render_to_string(f"{template_prefix}_message.txt", context).strip() + "\n"
        with transaction.atomic():
            send_mail(email, subject, body)

    def is_safe_url(self, url: str | None) -> bool:
        """Whether allauth may redirect to ``next``."""
        return bool(own_page(allauth_context.request, url or ""))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:settings")


def _base(request: HttpRequest | None) -> str:
    """Returns the base of links in mail: the operator's GONGHUI_BASE_URL, else the address of the request.

    For a command without GONGHUI_BASE_URL it is this machine.
    """
    if settings.ENVIRONMENT.base_url:
        return settings.ENVIRONMENT.base_url
    if request is None:
        return f"http://localhost:{settings.ENVIRONMENT.port}"
    return f"{request.scheme}://{request.get_host()}"
