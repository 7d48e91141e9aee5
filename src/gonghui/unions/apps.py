from django.apps import AppConfig


class UnionsConfig(AppConfig):
    name = "gonghui.unions"
