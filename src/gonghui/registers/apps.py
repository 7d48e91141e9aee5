from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "gonghui.registers"

    def ready(self) -> None:
        from gonghui.exports import hooks as exports
        from gonghui.registers import actions, tasks  # noqa: F401 (its verbs; its jobs)
        from gonghui.registers.unorganised import actions as marks  # noqa: F401 (likewise)
        from gonghui.registers.unorganised.export import UnorganisedExport

        exports.KINDS.register(UnorganisedExport.key, UnorganisedExport(), order=3)
