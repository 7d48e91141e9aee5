"""Lock-out after repeated failures (SPEC 1.3), counted by django-axes for each account and network address."""

from datetime import datetime

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from gonghui.audit.middleware import client_address


def attempted_email(request: HttpRequest, credentials: dict | None = None) -> str | None:
    """Whom a sign-in was tried for: axes counts under this name. allauth says ``email``, axes itself ``username``."""
    credentials = credentials or {}
    email = credentials.get("email") or credentials.get("username") or request.POST.get("login")
    return email.strip().lower() if email else None


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: dict | None = None
) -> HttpResponse:
    """What somebody sees after too many failures: until when, and the way out."""
    until = _until(request, attempted_email(request, credentials))
    return render(request, "account/locked.html", {"until": until}, status=429)


def is_locked(email: str) -> bool:
    """Whether the account is locked just now for any address."""
    since = timezone.now() - get_cool_off()
    counted = AccessAttempt.objects.filter(username=email, attempt_time__gt=since)
    return counted.filter(failures_since_start__gte=settings.AXES_FAILURE_LIMIT).exists()


def _until(request: HttpRequest, email: str | None) -> datetime:
    """When the last counted failure will be forgotten; further tries do not push it on."""
    attempts = AccessAttempt.objects.filter(username=email, ip_address=client_address(request))
    last = attempts.order_by("-attempt_time").values_list("attempt_time", flat=True).first()
    return (last or timezone.now()) + get_cool_off(request)
