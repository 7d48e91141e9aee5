from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "gonghui.members"

    def ready(self) -> None:
        """The import engine learns this app's workbook."""
        from gonghui.members import sheets  # noqa: F401
