from django.apps import AppConfig


class TransfersConfig(AppConfig):
    name = "gonghui.transfers"

    def ready(self) -> None:
        """The approval engine learns the kind, imports whom to ask; moves and unions learn what waits here."""
        from gonghui.members import holds, intake, moves
        from gonghui.transfers import cleanup, decisions, queries, requests, review  # noqa: F401
        from gonghui.unions import blockers

        intake.register_requests(requests.request_members)
        holds.departures.register(queries.departing)
        moves.register_lapse(decisions.lapse_of_moved)
        blockers.register(queries.blocking_transfers)
