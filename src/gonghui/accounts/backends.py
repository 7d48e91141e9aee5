"""The authentication backend, which loads the user of a session."""

from allauth.account.auth_backends import AuthenticationBackend

from gonghui.accounts.list_settings import kept_with
from gonghui.accounts.models import User


class UnionBackend(AuthenticationBackend):
    """As allauth's; one query also loads what every page uses: the union, the accepted privacy notice, and the
    account's list settings (``list_settings.kept_with``).
    """

    def get_user(self, user_id: int) -> User | None:
        users = User.objects.select_related("union", "privacy_acceptance").annotate(**kept_with())
        user = users.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
