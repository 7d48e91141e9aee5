from django.apps import AppConfig


class TransfersConfig(AppConfig):
    name = "gonghui.transfers"

    def ready(self) -> None:
        """The approval engine learns the kind; moves and unions learn what waits here."""
        from gonghui.members import moves
        from gonghui.transfers import decisions, queries, review  # noqa: F401
        from gonghui.unions import blockers

        moves.register_lapse(decisions.lapse_of_moved)
        blockers.register(queries.blocking_transfers)
