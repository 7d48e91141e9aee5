"""``gonghui manage grant_application``: sets the rights of the application's database role after each migration."""

from typing import Any
from urllib.parse import unquote, urlsplit

import pghistory.models
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.models import Model

from gonghui.audit.models import Entry, Seal, Subject
from gonghui.audit.partitions import partitions
from gonghui.kit.grants import grant_application


def append_only_tables() -> list[str]:
    """Returns the tables of the audit and of all row histories: rows may only be added and read."""
    histories = [model for model in apps.get_models() if issubclass(model, pghistory.models.Event)]
    models: list[type[Model]] = [Entry, Seal, Subject, *histories]
    recorded = {model._meta.db_table for model in models if model._meta.managed}
    return sorted({*recorded, *partitions()})


class Command(BaseCommand):
    help = "Give the application's database role its rights; run as the owner."

    def handle(self, *args: Any, **options: Any) -> None:
        role = unquote(urlsplit(settings.ENVIRONMENT.database_url).username or "")
        if role and role != connection.settings_dict["USER"]:
            connection.ensure_connection()
            grant_application(connection, role, append_only_tables())
