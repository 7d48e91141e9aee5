from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "gonghui.reviews"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import on_handover, worklist
        from gonghui.notices.hooks import task_kinds
        from gonghui.reviews import actions, handing_on, queries
        from gonghui.reviews.models import Review
        from gonghui.superiors import hooks as superiors
        from gonghui.unions import hooks as unions
        from gonghui.unions import union_details

        worklist.register(queries.work, order=1)
        task_kinds.register(queries.task_kinds, order=1)
        on_handover.register(actions.move_phrases, order=1)
        unions.blockers.register(queries.blocking_review, order=1)
        unions.BRANCH_FIGURES.register("waiting", queries.unions_waiting)
        superiors.FIGURES.register("等待审核的申请", handing_on.waiting_below, order=4)
        superiors.unfinished.register(handing_on.waiting_without_successor, order=1)
        superiors.on_handed_on.register(handing_on.take_over_steps, order=1)
        union_details.kept_in(Review, "proposed", "base")
