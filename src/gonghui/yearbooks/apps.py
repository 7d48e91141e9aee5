from django.apps import AppConfig


class YearbooksConfig(AppConfig):
    name = "gonghui.yearbooks"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import worklist
        from gonghui.notices.hooks import task_kinds
        from gonghui.yearbooks import notifications, queries

        worklist.register(queries.work, order=14)
        task_kinds.register(notifications.task_kinds, order=12)
