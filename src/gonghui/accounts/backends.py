"""The authentication backend, which loads the user of a session."""

from allauth.account.auth_backends import AuthenticationBackend

from gonghui.accounts.list_settings import kept_with
from gonghui.accounts.models import User
from gonghui.accounts.sign_in_rules import read_along
from gonghui.kit.database.prepared import PreparedRow

_ACCOUNTS = PreparedRow[User](
    lambda: User.objects.select_related("union", "privacy_acceptance").annotate(**kept_with(), **read_along())
)


class UnionBackend(AuthenticationBackend):
    """As allauth's; one query also loads what every page uses: the union, the accepted privacy notice, the
    account's list settings (``list_settings.kept_with``), and the rules of sessions and the second factor.
    """

    def get_user(self, user_id: int) -> User | None:
        user = _ACCOUNTS.get(user_id)
        return user if user and self.user_can_authenticate(user) else None
