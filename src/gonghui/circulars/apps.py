from django.apps import AppConfig


class CircularsConfig(AppConfig):
    name = "gonghui.circulars"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import worklist
        from gonghui.circulars import queries
        from gonghui.notices.hooks import task_kinds
        from gonghui.superiors import hooks as superiors

        worklist.register(queries.work, order=10)
        task_kinds.register(queries.task_kinds, order=9)
        superiors.unfinished.register(queries.unfinished, order=5)
