from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "gonghui.imports"

    def ready(self) -> None:
        """An import in work keeps its union where it is."""
        from gonghui.imports.queries import blocking_import
        from gonghui.unions import blockers

        blockers.register(blocking_import)
