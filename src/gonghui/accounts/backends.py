"""How a session finds its user."""

from allauth.account.auth_backends import AuthenticationBackend

from gonghui.accounts.models import User


class UnionBackend(AuthenticationBackend):
    """As allauth's; the user comes with the union and the accepted privacy notice, which every page asks for, in one
    statement.
    """

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("union", "privacy_acceptance").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
