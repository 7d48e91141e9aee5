"""Notifies reviewers and requesters."""

from collections.abc import Iterable
from typing import Unpack

from gonghui.accounts.models import User
from gonghui.notices.actions import Message, notify
from gonghui.reviews.queries import deciders_of


def notify_deciders(
    superiors: Iterable[int | None],
    title: str,
    *,
    also: Iterable[User] = (),
    but: User | None = None,
    **message: Unpack[Message],
) -> None:
    """Notifies all who may decide for these superiors, covers included, and ``also`` (``notices.actions.notify``);
    ``but`` not who knows.
    """
    users = {user.pk: user for user in (*deciders_of(*superiors), *also) if user != but}
    notify(users.values(), title, **message)
