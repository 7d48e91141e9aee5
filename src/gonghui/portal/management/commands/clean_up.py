"""``gonghui manage clean_up``: runs the nightly clean-up now and prints its report."""

from typing import Any

from django.core.management.base import BaseCommand

from gonghui.portal.upkeep import clean_up


class Command(BaseCommand):
    help = "Remove what is older than its age in the settings; says how many rows of what."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in clean_up().items():
            self.stdout.write(f"{count:8}  {name}")
