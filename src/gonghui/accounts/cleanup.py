"""Old rows of sign-in and sessions, for the nightly clean-up."""

from datetime import datetime, timedelta

from allauth.account.models import EmailConfirmation
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet

from gonghui.accounts.ended import PROOF
from gonghui.accounts.kept import KEPT
from gonghui.accounts.models import KeptForm, RateLimit
from gonghui.kit.cleanup import Sweep


def _of_ended_sessions(before: datetime) -> QuerySet:
    """Entries whose session is deleted. A session is written a moment after its entry: none of the last day is removed."""
    session = Session.objects.filter(session_key=OuterRef("session_key"))
    return UserSession.objects.filter(~Exists(session), created_at__lt=before - timedelta(days=1))


def _kept_forms(before: datetime) -> QuerySet:
    return KeptForm.objects.filter(kept_at__lt=before - KEPT)


def _confirmations(before: datetime) -> QuerySet:
    days = settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS
    return EmailConfirmation.objects.filter(created__lt=before - timedelta(days=days))


SWEEPS = (
    # For a day after its end a session still proves its account (ended.py).
    Sweep(
        "sessions: expired",
        Session,
        lambda before: Session.objects.filter(expire_date__lt=before - PROOF),
        "expire_date",
    ),
    Sweep("forms that could not be taken", KeptForm, _kept_forms, "kept_at"),
    Sweep("sessions: devices of ended ones", UserSession, _of_ended_sessions, "created_at"),
    Sweep("e-mail proofs: expired", EmailConfirmation, _confirmations, "created"),
    Sweep("limits: ended windows", RateLimit, lambda before: RateLimit.objects.filter(ends_at__lt=before), "ends_at"),
)
