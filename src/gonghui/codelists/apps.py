from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CodelistsConfig(AppConfig):
    name = "gonghui.codelists"

    def ready(self) -> None:
        """All models are there: their code lists have been registered beside them."""
        from gonghui.codelists import display, seeding

        display.show_labels()
        post_migrate.connect(seeding.seed, sender=self)
