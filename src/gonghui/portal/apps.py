from django.apps import AppConfig

import gonghui.kit.field_words  # noqa: F401 (before any form is declared)


class PortalConfig(AppConfig):
    name = "gonghui.portal"

    def ready(self) -> None:
        from gonghui.portal import upkeep  # noqa: F401 (registers)
