from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "gonghui.members"

    def ready(self) -> None:
        """The import engine learns this app's workbook, the approval engine its kind."""
        from gonghui.audit import subjects
        from gonghui.members import cleanup, code_review, corrections, history, identity, moves, queries, review, sheets  # noqa: F401

        moves.register_lapse(corrections.lapse_corrections)
        subjects.register(queries.audited)
        subjects.register_changes("members.member", history.changes_recorded)
