from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "gonghui.members"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import worklist
        from gonghui.audit import hooks as audit
        from gonghui.exports import hooks as exports
        from gonghui.imports import hooks as imports
        from gonghui.kit.cleanup import register
        from gonghui.members import cleanup, hooks, queries
        from gonghui.members import identity as identity  # its verbs
        from gonghui.members.by_code.review import CodeImportKind
        from gonghui.members.collected import MEMBER, SUBJECT
        from gonghui.members.corrections.actions import lapse_corrections
        from gonghui.members.corrections.review import CorrectionKind
        from gonghui.members.looks.references import audited
        from gonghui.members.models import Correction
        from gonghui.members.register.export import MembersExport
        from gonghui.members.register.history import changes_recorded
        from gonghui.members.roster.sheet import MEMBERS
        from gonghui.policies import hooks as policies
        from gonghui.reviews import hooks as reviews

        imports.KINDS.register(MEMBERS.key, MEMBERS)
        exports.KINDS.register(MembersExport.key, MembersExport(), order=1)
        reviews.KINDS.register(CodeImportKind.code, CodeImportKind(), order=1)
        reviews.KINDS.register(CorrectionKind.code, CorrectionKind(), order=2)
        policies.SUBJECTS.register(SUBJECT, MEMBER, order=2)
        worklist.register(queries.work, order=5)
        hooks.RECORDS.register("members.correction", hooks.Records(Correction))
        hooks.on_membership_end.register(lapse_corrections, order=1)
        audit.LISTED_AS.register("members.member", "members")
        audit.references_to_member.register(audited, order=1)
        audit.RECORDED_CHANGES.register("members.member", changes_recorded)
        register(*cleanup.SWEEPS)
