from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "gonghui.bookings"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
