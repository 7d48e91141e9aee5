from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "gonghui.accounts"

    def ready(self) -> None:
        from allauth.mfa.models import Authenticator

        from gonghui.accounts import allauth_events, cleanup  # noqa: F401 (registers)
        from gonghui.accounts.adapter import SECRETS
        from gonghui.kit.crypto import NOBODY
        from gonghui.kit.sealing import TEXTS, SealedTexts

        allauth_events.connect()
        TEXTS.append(SealedTexts(Authenticator, "data", ["secret", "seed"], SECRETS, f"'{NOBODY}'::uuid"))
