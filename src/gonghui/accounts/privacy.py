"""「个人信息处理说明」 (PIPL 17): its text, and the record of an account's acceptance of the current version."""

from functools import cache

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from gonghui.accounts.models import PrivacyAcceptance, User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused

verbs.register(account__privacy_accepted="同意个人信息处理说明")
verbs.facts("account", version="版本")

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def current_version() -> str:
    return settings.ENVIRONMENT.privacy.version


def operator_names() -> dict[str, str]:
    """Returns the settings that identify the platform's operator, by their names."""
    names = ("title", "city", "support_name", "support_phone", "support_email")
    return {name: getattr(settings.ENVIRONMENT, name) for name in names}


def notice() -> SafeString:
    """Returns the notice as HTML without its first heading, with the settings for ``{city}`` etc."""
    text = settings.ENVIRONMENT.privacy.text
    for name, value in operator_names().items():
        text = text.replace(f"{{{name}}}", value)
    return _html(text)


@cache
def _html(text: str) -> SafeString:
    tokens = _MARKDOWN.parse(text)
    if tokens and tokens[0].tag == "h1":
        tokens = tokens[3:]
    return mark_safe(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S308 (the operator's; no HTML in it)


def accept_privacy(user: User, version: str) -> None:
    """Records that ``user`` accepts the notice. Raises Refused when ``version`` is not the current one."""
    if version != current_version():
        raise Refused("《个人信息处理说明》刚刚更新，请刷新页面，重新阅读后再勾选。", field="privacy")
    with transaction.atomic():
        PrivacyAcceptance.objects.update_or_create(user=user, defaults={"version": version, "at": timezone.now()})
        record("account.privacy_accepted", user, by=user, version=version)
