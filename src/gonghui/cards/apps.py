from django.apps import AppConfig


class CardsConfig(AppConfig):
    name = "gonghui.cards"

    def ready(self) -> None:
        """The approval engine learns the kind; members and unions learn what keeps them where and as they are."""
        from gonghui.audit import subjects
        from gonghui.cards import actions, issuing, orders, queries, results, review  # noqa: F401
        from gonghui.members import holds, moves
        from gonghui.unions import blockers

        holds.holds.register(queries.holding_cards)
        holds.printing.register(queries.printing_cards)
        moves.register_lapse(actions.lapse_of_moved)
        blockers.register(queries.blocking_cards)
        subjects.register(queries.audited)
