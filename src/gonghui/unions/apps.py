from django.apps import AppConfig


class UnionsConfig(AppConfig):
    name = "gonghui.unions"

    def ready(self) -> None:
        """The audit's search learns the verbs of what operators load, and which unions are meant by a name."""
        from gonghui.audit import subjects
        from gonghui.unions import loading, queries  # noqa: F401

        subjects.register_unions(queries.ids_matching, queries.names_of)
