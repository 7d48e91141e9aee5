from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "gonghui.notices"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import undelivered
        from gonghui.kit.cleanup import register
        from gonghui.notices import cleanup, returned

        undelivered.register(returned.undelivered, order=1)
        register(*cleanup.SWEEPS)
