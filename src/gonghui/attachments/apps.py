from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    name = "gonghui.attachments"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.attachments import actions, cleanup, queries
        from gonghui.attachments.hooks import REQUESTS
        from gonghui.kit.cleanup import register
        from gonghui.reviews.hooks import on_submitted, sections

        REQUESTS.register("review", queries.REVIEWS)
        on_submitted.register(actions.take_along, order=1)
        sections.register(queries.of_review, order=1)
        register(*cleanup.SWEEPS)
