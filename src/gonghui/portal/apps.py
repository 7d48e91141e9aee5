from django.apps import AppConfig

import gonghui.kit.field_words  # noqa: F401 (before any form is declared)


class PortalConfig(AppConfig):
    name = "gonghui.portal"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.kit.cleanup import register
        from gonghui.portal import upkeep

        register(*upkeep.JOBS)
