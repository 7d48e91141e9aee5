from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "gonghui.notices"

    def ready(self) -> None:
        """The pages of accounts show whose mail does not arrive."""
        from gonghui.accounts import undelivered
        from gonghui.notices import cleanup, returned  # noqa: F401 (registers)

        undelivered.register(returned.undelivered)
