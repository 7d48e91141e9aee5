"""The sessions: Django's in the database, which end after the idle time that the city has decided (``SESSION_ENGINE``)."""

from django.contrib.sessions.backends import db

from gonghui.accounts.sign_in_rules import rules_now


class SessionStore(db.SessionStore):
    """``idle_minutes`` is set by SessionLifeMiddleware from the rules that came along with the account."""

    idle_minutes: int | None = None

    def get_session_cookie_age(self) -> int:
        if self.idle_minutes is None:
            self.idle_minutes = rules_now().idle_minutes
        return self.idle_minutes * 60
