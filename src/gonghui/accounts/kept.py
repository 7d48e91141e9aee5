"""The fields of a form that was not processed, because the session had expired or the form's token was stale.

One form for each account, sealed, for an hour; the page of the form restores it once (SPEC 1.3).
"""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import transaction
from django.http import HttpRequest
from django.urls import ResolverMatch
from django.utils import timezone

from gonghui.accounts.models import KeptForm, User
from gonghui.kit.sealing import opened, purpose

KEPT = timedelta(hours=1)
MAX_BYTES = 64 * 1024
_OFFER = "kept"
_ENTRANCES = ("account_", "mfa_", "usersessions_")
"""allauth's pages take passwords and codes: their forms are not stored."""


def keep_form(request: HttpRequest, user: User, page: str) -> bool:
    """Stores the posted fields, without files, of a form on ``page`` (a path of this site) for ``user``.

    The caller has verified that the form is the account's. Returns whether the form was stored: not without a page to
    return to, without fields, from pages that take passwords, or above MAX_BYTES.
    """
    match = request.resolver_match
    if request.method != "POST" or not page or match is None or _takes_secrets(match):
        return False
    fields = [(name, value) for name, values in request.POST.lists() for value in values if not _is_secret(name)]
    text = json.dumps({"action": request.path, "fields": fields}, ensure_ascii=False)
    if not fields or len(text.encode()) > MAX_BYTES:
        return False
    owner = uuid4()
    sealed = purpose(KeptForm, "fields_sealed").seal(text, owner)
    values = {"page": urlsplit(page).path, "seal_id": owner, "fields_sealed": sealed, "kept_at": timezone.now()}
    with transaction.atomic():
        KeptForm.objects.update_or_create(user=user, defaults=values)
    return True


def offer_kept(request: HttpRequest, user: User) -> None:
    """Stores in the session of ``user`` that there is a stored form, so that pages need no query."""
    form = KeptForm.objects.filter(user=user, kept_at__gt=timezone.now() - KEPT).first()
    if form:
        request.session[_OFFER] = {"page": form.page, "until": (form.kept_at + KEPT).timestamp()}


def is_offered(request: HttpRequest) -> bool:
    """Returns whether the stored form belongs to the requested page."""
    offer = request.session.get(_OFFER, {"page": "", "until": 0})
    return offer["page"] == request.path and offer["until"] > timezone.now().timestamp()


def take_kept(request: HttpRequest) -> dict[str, Any] | None:
    """Deletes and returns the signed-in user's stored form: ``action`` (a path), ``fields`` (pairs); None without one."""
    request.session.pop(_OFFER, None)
    with transaction.atomic():
        form = KeptForm.objects.select_for_update().filter(user=request.user.pk).first()
        if form is None:
            return None
        form.delete()
    return json.loads(opened(form, "fields_sealed")) if form.kept_at > timezone.now() - KEPT else None


def _takes_secrets(match: ResolverMatch) -> bool:
    return not getattr(match.func, "login_required", True) or (match.url_name or "").startswith(_ENTRANCES)


def _is_secret(name: str) -> bool:
    return name == "csrfmiddlewaretoken" or "password" in name.lower()
