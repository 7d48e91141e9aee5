"""The context of every page: the product's names and the signed-in user's menu."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from gonghui.accounts.ended import seconds_left
from gonghui.accounts.kept import is_offered
from gonghui.accounts.privacy import operator_names
from gonghui.notices.outbox import is_shown_in_demo
from gonghui.notices.queries import unread_count
from gonghui.portal.menu import menu


def names() -> dict[str, Any]:
    """The product's names and contact, its version, and whether the demo shows mail."""
    return operator_names() | {"version": settings.VERSION, "mail_shown": is_shown_in_demo()}


def product(request: HttpRequest) -> dict[str, Any]:
    """``product`` (names and contact), and for a signed-in user ``menu`` and ``unread`` (both lazy), the seconds left of the
    session, and whether this page offers a kept form.
    """
    context: dict[str, Any] = {"product": names()}
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        context["menu"] = SimpleLazyObject(lambda: menu(user, request.path))
        context["session_left"] = seconds_left(request)
        context["kept_form"] = is_offered(request)
        context["unread"] = SimpleLazyObject(lambda: unread_count(user))
    return context
