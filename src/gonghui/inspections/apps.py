from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "gonghui.inspections"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import worklist
        from gonghui.inspections import queries
        from gonghui.inspections.models import Confirmation
        from gonghui.inspections.windows import actions as actions  # what its verbs say
        from gonghui.notices.hooks import task_kinds
        from gonghui.superiors import hooks as superiors
        from gonghui.unions import hooks as unions
        from gonghui.unions import union_details

        worklist.register(queries.work, order=4)
        task_kinds.register(queries.task_kinds, order=3)
        unions.CONDITIONS.register("inspection", queries.INSPECTION_OF_UNIONS, order=1)
        superiors.FIGURES.register("进行中的年检", queries.open_windows_of, order=5)
        superiors.unfinished.register(queries.own_windows, order=3)
        union_details.kept_in(Confirmation, "data")
