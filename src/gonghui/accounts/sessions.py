"""The sessions: Django's in the database, which end after the idle time that the city has decided (``SESSION_ENGINE``)."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from gonghui.accounts.sign_in_rules import rules_now
from gonghui.kit.database.prepared import PreparedRow

_KEPT = PreparedRow[Session](Session.objects.all)


class SessionStore(db.SessionStore):
    """``idle_minutes`` is set by SessionLifeMiddleware from the rules that came along with the account."""

    idle_minutes: int | None = None

    def _get_session_from_db(self) -> Session | None:
        """As Django's, by a statement that is not written anew in each request (docs/adr/0036)."""
        kept = _KEPT.get(self.session_key)
        if kept and kept.expire_date > timezone.now():
            return kept
        self._session_key = None
        return None

    def get_session_cookie_age(self) -> int:
        if self.idle_minutes is None:
            self.idle_minutes = rules_now().idle_minutes
        return self.idle_minutes * 60
