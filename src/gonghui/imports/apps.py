from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "gonghui.imports"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.imports.queries import blocking_import
        from gonghui.unions.hooks import blockers

        blockers.register(blocking_import, order=2)
