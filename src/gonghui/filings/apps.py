from django.apps import AppConfig


class FilingsConfig(AppConfig):
    name = "gonghui.filings"
