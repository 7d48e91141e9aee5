"""``gonghui manage load_tree``: creates the city, its districts, streets, bureaus and companies."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gonghui.unions.loading import DATA, BadFile, load_tree


class Command(BaseCommand):
    help = "Make the unions of levels 1 to 3 that are missing, from regions.csv and bureaus.csv; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=DATA, help="where the two files lie")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            count = load_tree(settings.ENVIRONMENT.city, folder)
        except BadFile as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{count} unions made.")
