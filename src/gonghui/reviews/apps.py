from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "gonghui.reviews"

    def ready(self) -> None:
        """What rooms below let this one add: the phrases that go along, the tree's figures, what keeps a union in place."""
        from gonghui.reviews import actions, queries  # noqa: F401
        from gonghui.reviews.models import Review
        from gonghui.unions import blockers, particulars

        blockers.register(queries.blocking_review)
        particulars.kept_in(Review, "proposed", "base")
