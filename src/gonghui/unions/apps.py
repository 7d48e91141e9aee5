from django.apps import AppConfig


class UnionsConfig(AppConfig):
    name = "gonghui.unions"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.audit import hooks as audit
        from gonghui.unions import loading, queries  # noqa: F401 (its verbs)

        audit.unions_meant.register(queries.ids_matching, order=1)
        audit.union_names.register(queries.names_of, order=1)
