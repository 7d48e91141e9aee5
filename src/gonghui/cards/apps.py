from django.apps import AppConfig


class CardsConfig(AppConfig):
    name = "gonghui.cards"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import worklist
        from gonghui.audit import hooks as audit
        from gonghui.cards import notifications, queries
        from gonghui.cards.applications import actions, review
        from gonghui.cards.holders import actions as holders
        from gonghui.cards.holders.merging import APPLICATIONS, CARDS
        from gonghui.cards.holders.queries import BATCHES_OF_UNIONS, CARD_OF_MEMBERS
        from gonghui.cards.orders import actions as orders  # noqa: F401
        from gonghui.cards.orders import results  # noqa: F401
        from gonghui.cards.orders.disclosure import OrderExport
        from gonghui.exports import hooks as exports
        from gonghui.members import hooks as members
        from gonghui.notices.hooks import task_kinds
        from gonghui.reviews import hooks as reviews
        from gonghui.unions import hooks as unions

        worklist.register(queries.work, order=2)
        task_kinds.register(notifications.task_kinds, order=5)
        reviews.KINDS.register(review.CardBatchKind.code, review.CardBatchKind(), order=8)
        members.leave_blockers.register(queries.holding_cards, order=1)
        members.frozen_for_card.register(queries.printing_cards, order=1)
        members.on_membership_end.register(actions.lapse_of_moved, order=3)
        members.on_moved.register(holders.follow_members, order=3)
        unions.blockers.register(queries.blocking_cards, order=4)
        members.RECORDS.register("cards.card", CARDS)
        members.RECORDS.register("cards.application", APPLICATIONS)
        members.CONDITIONS.register("card", CARD_OF_MEMBERS)
        unions.CONDITIONS.register("card", BATCHES_OF_UNIONS, order=2)
        audit.references_to_member.register(queries.audited, order=3)
        exports.KINDS.register(OrderExport.key, OrderExport(), order=6)
