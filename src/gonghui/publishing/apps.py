from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "gonghui.publishing"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.notices.hooks import task_kinds
        from gonghui.publishing import notifications

        task_kinds.register(notifications.task_kinds, order=7)
