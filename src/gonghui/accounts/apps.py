from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "gonghui.accounts"

    def ready(self) -> None:
        from gonghui.accounts import allauth_events, cleanup  # noqa: F401 (registers)

        allauth_events.connect()
