from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "gonghui.accounts"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from allauth.mfa.models import Authenticator

        from gonghui.accounts import allauth_events, cleanup
        from gonghui.accounts.adapter import SECRETS
        from gonghui.kit.cleanup import register
        from gonghui.kit.crypto import NOBODY
        from gonghui.kit.sealing import SealedTexts, register_texts

        allauth_events.connect()
        register(*cleanup.SWEEPS)
        register_texts(SealedTexts(Authenticator, "data", ["secret", "seed"], SECRETS, f"'{NOBODY}'::uuid"))
