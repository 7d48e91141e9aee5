"""What every page needs: the product's names and the signed-in user's menu."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from gonghui.accounts.ended import seconds_left
from gonghui.accounts.kept import is_offered
from gonghui.notices.outbox import is_shown_in_demo
from gonghui.notices.queries import unread_count
from gonghui.portal.menu import menu, section_of


def names() -> dict[str, Any]:
    """The product's names and contact."""
    environment = settings.ENVIRONMENT
    return {
        "title": environment.title,
        "city": environment.city,
        "support_name": environment.support_name,
        "support_phone": environment.support_phone,
        "support_email": environment.support_email,
        "version": settings.VERSION,
        "mail_shown": is_shown_in_demo(),
    }


def product(request: HttpRequest) -> dict[str, Any]:
    """``product`` (names and contact), and for a signed-in user ``menu`` and ``unread`` (asked for only if shown), how long
    the session lasts, and whether a form that could not be taken is offered on this page.
    """
    context: dict[str, Any] = {"product": names()}
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        context["menu"] = SimpleLazyObject(lambda: menu(user, section_of(request)))
        context["session_left"] = seconds_left(request)
        context["kept_form"] = is_offered(request)
        context["unread"] = SimpleLazyObject(lambda: unread_count(user))
    return context
