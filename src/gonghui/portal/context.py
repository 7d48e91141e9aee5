"""The context of every page: the product's names and the signed-in user's menu."""

from functools import cache
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from gonghui.accounts.ended import seconds_left
from gonghui.accounts.kept import is_offered
from gonghui.accounts.list_settings import setting_of, views_of
from gonghui.accounts.privacy import operator_names
from gonghui.accounts.request import Request
from gonghui.kit.remembered import remembered
from gonghui.notices.outbox import is_shown_in_demo
from gonghui.portal.help import chapter_of
from gonghui.portal.menu import menu, section_of
from gonghui.portal.worklist import DESK, menu_counts, waiting
from gonghui.publishing.queries import sections
from gonghui.publishing.site.look import is_large, look_of


def names() -> dict[str, Any]:
    """The product's names and contact, its version and its registrations, and whether the demo shows mail."""
    records = {name: getattr(settings.ENVIRONMENT, name) for name in ("icp_record", "police_record")}
    return operator_names() | records | {"version": settings.VERSION, "mail_shown": is_shown_in_demo()}


def product(request: HttpRequest) -> dict[str, Any]:
    """Returns ``product`` (names and contact); for a signed-in user also ``menu`` and ``unread`` (both lazy), the
    seconds left of the session, and whether this page offers a kept form.
    """
    context: dict[str, Any] = {"product": names()}
    context["look"] = SimpleLazyObject(lambda: look_of(request))
    context["is_large"] = is_large(request)
    context["sections"] = SimpleLazyObject(sections)
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        pending = cache(lambda: waiting(user))  # once per page, and only if the page shows it
        context["work"] = work = SimpleLazyObject(lambda: pending().work)
        context["other_work"] = SimpleLazyObject(lambda: [line for line in work if line.item.menu != DESK])
        context["unread"] = SimpleLazyObject(lambda: pending().unread)
        context["menu"] = entries = SimpleLazyObject(lambda: menu(user, section_of(request), menu_counts(work)))
        context["drawn_menu"] = SimpleLazyObject(lambda: remembered("includes/menu.html", {"menu": list(entries)}))
        context["session_left"] = seconds_left(request)
        context["kept_form"] = is_offered(request)
        match = request.resolver_match
        context["chapter"] = chapter_of(match) if match else None
        context["list_setting"] = SimpleLazyObject(lambda: setting_of(cast(Request, request)))
        context["saved_views"] = SimpleLazyObject(lambda: views_of(cast(Request, request)))
    return context
