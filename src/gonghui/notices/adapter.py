"""Where django-allauth's account side meets this product: its mail goes through our outbox, addresses are ours.

It stands here and not in accounts, since it sends mail; settings.ACCOUNT_ADAPTER names it.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from gonghui.audit.middleware import client_address
from gonghui.kit.redirects import own_page
from gonghui.notices.actions import send_mail


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "这个账号已停用。如需恢复，请联系本工会或上级工会的管理员。",
        "duplicate_email": "这个邮箱就是本账号正在使用的邮箱，请填写新的邮箱。",
        "email_password_mismatch": "用户名或密码不正确。请检查后重试；忘记密码时请点「忘记密码」。",
        "enter_current_password": "当前密码不正确，请重新输入。",
        "incorrect_password": "密码不正确，请重新输入。",
        "invalid_password_reset": "这个链接已失效，请重新申请。",
        "too_many_login_attempts": "这个账号登录失败的次数太多，请一小时后再试，或者通过「忘记密码」重设密码。",
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put ``<prefix>_subject.txt`` and ``<prefix>_message.txt`` into the outbox. Links start with ``base``."""
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
        """Whether ``next`` may be followed after a sign-in and the like."""
        return bool(own_page(allauth_context.request, url or ""))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:settings")


def _base(request: HttpRequest | None) -> str:
    """Where links in mail begin: the operator's GONGHUI_BASE_URL, else the address that the request came to.

    A command without GONGHUI_BASE_URL writes links for this machine.
    """
    if settings.ENVIRONMENT.base_url:
        return settings.ENVIRONMENT.base_url
    if request is None:
        return f"http://localhost:{settings.ENVIRONMENT.port}"
    return f"{request.scheme}://{request.get_host()}"
