from django.apps import AppConfig


class UnionsConfig(AppConfig):
    name = "gonghui.unions"

    def ready(self) -> None:
        """The audit's search learns the verbs of what operators load."""
        from gonghui.unions import loading  # noqa: F401
