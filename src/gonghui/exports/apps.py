from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "gonghui.exports"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import worklist
        from gonghui.exports import actions, queries  # noqa: F401 (actions: their verbs)
        from gonghui.notices.hooks import task_kinds

        worklist.register(queries.work, order=12)
        task_kinds.register(queries.task_kinds, order=10)
