from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "gonghui.publishing"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import worklist
        from gonghui.notices.hooks import task_kinds
        from gonghui.publishing import notifications, work
        from gonghui.publishing.local import queries as local
        from gonghui.superiors import hooks as superiors

        worklist.register(work.work, order=11)
        task_kinds.register(notifications.task_kinds, order=7)
        superiors.unfinished.register(local.unfinished, order=6)
