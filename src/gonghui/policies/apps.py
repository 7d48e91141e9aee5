from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "gonghui.policies"

    def ready(self) -> None:
        """Registers with the app itself, and with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import sign_in_rules
        from gonghui.policies.columns.of_unions import INCOMPLETE, SUBJECT, UNION
        from gonghui.policies.hooks import SUBJECTS
        from gonghui.policies.sign_in import rules_source
        from gonghui.unions.hooks import CONDITIONS

        sign_in_rules.register(rules_source, order=1)
        SUBJECTS.register(SUBJECT, UNION, order=1)
        CONDITIONS.register("columns", INCOMPLETE, order=3)
