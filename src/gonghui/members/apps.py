from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "gonghui.members"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.audit import hooks as audit
        from gonghui.imports import hooks as imports
        from gonghui.kit.cleanup import register
        from gonghui.members import (
            cleanup,
            code_review,
            corrections,
            history,
            hooks,
            identity,  # noqa: F401 (its verbs)
            queries,
            review,
            sheets,
        )
        from gonghui.reviews import hooks as reviews

        imports.KINDS.register(sheets.MEMBERS.key, sheets.MEMBERS)
        reviews.KINDS.register(code_review.CodeImportKind.code, code_review.CodeImportKind(), order=1)
        reviews.KINDS.register(review.CorrectionKind.code, review.CorrectionKind(), order=2)
        hooks.on_membership_end.register(corrections.lapse_corrections, order=1)
        audit.references_to_member.register(queries.audited, order=1)
        audit.RECORDED_CHANGES.register("members.member", history.changes_recorded)
        register(*cleanup.SWEEPS)
