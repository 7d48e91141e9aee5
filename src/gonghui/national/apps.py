from django.apps import AppConfig


class NationalConfig(AppConfig):
    name = "gonghui.national"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts.hooks import worklist
        from gonghui.exports import hooks as exports
        from gonghui.imports.hooks import KINDS
        from gonghui.national import queries
        from gonghui.national.exports import actions  # noqa: F401 (their verbs)
        from gonghui.national.exports.kinds import FormExport
        from gonghui.national.models import Form
        from gonghui.national.organisation.sheet import ORGANISATION
        from gonghui.national.returns import sheet as returns

        worklist.register(queries.work, order=8)
        KINDS.register(returns.MEMBERS.key, returns.MEMBERS, order=3)
        KINDS.register(returns.UNIONS.key, returns.UNIONS, order=4)
        KINDS.register(ORGANISATION.key, ORGANISATION, order=5)
        for place, form in enumerate(Form, start=4):
            exports.KINDS.register(FormExport(form).key, FormExport(form), order=place)
