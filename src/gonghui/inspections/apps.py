from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "gonghui.inspections"
