from django.apps import AppConfig


class TransfersConfig(AppConfig):
    name = "gonghui.transfers"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import worklist
        from gonghui.attachments.hooks import REQUESTS
        from gonghui.audit import hooks as audit
        from gonghui.members import hooks as members
        from gonghui.notices.hooks import task_kinds
        from gonghui.reviews.hooks import KINDS, sections
        from gonghui.transfers import queries
        from gonghui.transfers.answers.actions import lapse_of_moved
        from gonghui.transfers.answers.review import MemberTransfer
        from gonghui.transfers.models import Transfer
        from gonghui.transfers.requests.actions import request_members
        from gonghui.unions import hooks as unions

        KINDS.register(MemberTransfer.code, MemberTransfer(), order=7)
        worklist.register(queries.work, order=3)
        task_kinds.register(queries.task_kinds, order=2)
        sections.register(queries.attached_to_review, order=2)
        REQUESTS.register("transfer", queries.REQUESTS)
        members.request_members.register(request_members, order=1)
        members.pending_departures.register(queries.departing, order=1)
        members.on_membership_end.register(lapse_of_moved, order=2)
        members.RECORDS.register("transfers.transfer", members.Records(Transfer))
        unions.blockers.register(queries.blocking_transfers, order=3)
        audit.LISTED_AS.register("transfers.transfer", "transfers")
        audit.references_to_member.register(queries.audited, order=2)
