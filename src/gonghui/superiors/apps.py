from django.apps import AppConfig


class SuperiorsConfig(AppConfig):
    name = "gonghui.superiors"

    def ready(self) -> None:
        """Registers with the app itself (docs/architecture.md, Hooks)."""
        from gonghui.superiors import queries
        from gonghui.superiors.hooks import FIGURES

        FIGURES.register("基层工会", queries.unions_below, order=1)
        FIGURES.register("会员", queries.members_below, order=2)
        FIGURES.register("在用账号", queries.accounts_of, order=3)
