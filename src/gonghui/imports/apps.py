from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "gonghui.imports"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import worklist
        from gonghui.imports.queries import blocking_import, work
        from gonghui.unions.hooks import blockers

        worklist.register(work, order=6)
        blockers.register(blocking_import, order=2)
