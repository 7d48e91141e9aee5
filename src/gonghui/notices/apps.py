from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "gonghui.notices"

    def ready(self) -> None:
        from gonghui.notices import cleanup  # noqa: F401 (registers)
