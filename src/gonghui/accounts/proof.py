"""What waits until an e-mail is proved: an address that somebody merely typed sets nothing going (SPEC 1.2)."""

from collections.abc import Callable

from gonghui.accounts.models import User

Act = Callable[[User], str | None]
_ACTS: list[Act] = []


def when_email_proved(act: Act) -> Act:
    """Decorator for the rooms above: ``act(user)`` runs in the transaction of the proof. What it returns is told to the user."""
    _ACTS.append(act)
    return act


def email_proved(user: User) -> list[str]:
    """Let all acts run, in the caller's transaction; returns what the user shall know."""
    return [sentence for act in _ACTS if (sentence := act(user))]
