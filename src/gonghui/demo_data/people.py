"""Accounts of the demo: like anybody's, but that the password is known and the e-mail counts as proved."""

from collections.abc import Sequence
from functools import cache

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.demo_data.cast import PASSWORD
from gonghui.unions.models import Union


@cache
def _password() -> str:
    """Hashed once: a hash takes a tenth of a second, and there are fifty accounts."""
    return make_password(PASSWORD)


def make_user(email: str, name: str, union: Union | None = None, roles: Sequence[str] = ()) -> User:
    """A user who can sign in at once."""
    user = User.objects.create(email=email, name=name, union=union, roles=list(roles))
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    give_password(user)
    return user


def give_password(user: User) -> None:
    """As if the invitation had been followed."""
    user.password, user.password_changed_at = _password(), timezone.now()
    user.save(update_fields=["password", "password_changed_at"])
