from django.apps import AppConfig


class DuplicatesConfig(AppConfig):
    name = "gonghui.duplicates"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import worklist
        from gonghui.audit.hooks import references_to_member
        from gonghui.duplicates import queries
        from gonghui.duplicates.actions import lapse_of_moved
        from gonghui.members import hooks as members
        from gonghui.notices.hooks import task_kinds

        worklist.register(queries.work, order=13)
        task_kinds.register(queries.task_kinds, order=11)
        members.on_membership_end.register(lapse_of_moved, order=4)
        references_to_member.register(queries.audited, order=5)
