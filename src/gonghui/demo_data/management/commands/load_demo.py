"""``gonghui manage load_demo``: the demo's data, once. Exists in the demo only, and runs as the tables' owner."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from gonghui.demo_data.loading import load


class Command(BaseCommand):
    help = "Load the demo's invented data; does nothing where there are users already."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("Loaded." if load(settings.ENVIRONMENT.city) else "There are users already: nothing loaded.")
