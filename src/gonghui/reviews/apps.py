from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "gonghui.reviews"

    def ready(self) -> None:
        """An open request keeps its union where it is."""
        from gonghui.reviews.queries import blocking_review
        from gonghui.unions import blockers

        blockers.register(blocking_review)
