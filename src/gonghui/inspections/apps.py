from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "gonghui.inspections"

    def ready(self) -> None:
        """The member list shows the members' inspection while it waits for the union."""
        from gonghui.inspections import queries
        from gonghui.inspections.models import Confirmation
        from gonghui.members import banners
        from gonghui.unions import particulars

        banners.register(queries.members_banner)
        particulars.kept_in(Confirmation, "data")
