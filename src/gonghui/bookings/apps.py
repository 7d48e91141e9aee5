from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "gonghui.bookings"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import worklist
        from gonghui.attachments.hooks import PLAIN_KINDS, REQUESTS
        from gonghui.audit.hooks import references_to_member
        from gonghui.bookings import cleanup, queries
        from gonghui.bookings.ledger import merging
        from gonghui.bookings.ledger.sheet import LEDGER
        from gonghui.bookings.marks import actions as marks  # noqa: F401 (their verbs)
        from gonghui.bookings.moves.actions import places_of_moved, self_checks_of_moved
        from gonghui.bookings.programmes.desk import work
        from gonghui.bookings.rosters.export import InsuranceExport
        from gonghui.bookings.self_checks import kind as self_checks
        from gonghui.bookings.self_checks.queries import audited
        from gonghui.bookings.sessions import actions as sessions  # noqa: F401
        from gonghui.exports import hooks as exports
        from gonghui.imports.hooks import KINDS
        from gonghui.kit.cleanup import register
        from gonghui.members import hooks as members
        from gonghui.notices.hooks import task_kinds
        from gonghui.superiors import hooks as superiors

        worklist.register(work, order=7)
        members.on_moved.register(places_of_moved, order=1)
        superiors.unfinished.register(queries.own_programmes, order=4)
        members.on_moved.register(self_checks_of_moved, order=2)
        members.RECORDS.register("bookings.place", merging.PLACES)
        members.RECORDS.register("bookings.self_check", merging.SELF_CHECKS)
        members.RECORDS.register("bookings.ledger", merging.LEDGER)
        PLAIN_KINDS.register(self_checks.CODE, self_checks.KIND)
        REQUESTS.register(self_checks.CODE, self_checks.REQUESTS, order=2)
        references_to_member.register(audited, order=4)
        register(*cleanup.SWEEPS)
        task_kinds.register(queries.task_kinds, order=6)
        KINDS.register(LEDGER.key, LEDGER, order=6)
        exports.KINDS.register(InsuranceExport.key, InsuranceExport(), order=2)
