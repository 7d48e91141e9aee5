from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "gonghui.members"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.audit import hooks as audit
        from gonghui.imports import hooks as imports
        from gonghui.kit.cleanup import register
        from gonghui.members import cleanup, hooks, queries
        from gonghui.members import identity as identity  # its verbs
        from gonghui.members.by_code import review as by_code_review
        from gonghui.members.corrections import actions as corrections
        from gonghui.members.corrections import review as corrections_review
        from gonghui.members.register import history
        from gonghui.members.roster import sheet
        from gonghui.reviews import hooks as reviews

        imports.KINDS.register(sheet.MEMBERS.key, sheet.MEMBERS)
        reviews.KINDS.register(by_code_review.CodeImportKind.code, by_code_review.CodeImportKind(), order=1)
        reviews.KINDS.register(corrections_review.CorrectionKind.code, corrections_review.CorrectionKind(), order=2)
        hooks.on_membership_end.register(corrections.lapse_corrections, order=1)
        audit.references_to_member.register(queries.audited, order=1)
        audit.RECORDED_CHANGES.register("members.member", history.changes_recorded)
        register(*cleanup.SWEEPS)
