"""The authentication backend, which loads the user of a session."""

from allauth.account.auth_backends import AuthenticationBackend

from gonghui.accounts.models import User


class UnionBackend(AuthenticationBackend):
    """As allauth's; loads union and accepted privacy notice, which every page uses, in the same query."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("union", "privacy_acceptance").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
