"""``gonghui manage load_register FILE.csv``: loads employers into the statistical register."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gonghui.unions.loading import HEADINGS, BadFile, load_register, read_register


class Command(BaseCommand):
    help = f"Load employers into the statistical register, all or none. Columns: {', '.join(HEADINGS.values())}."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV in UTF-8 with a line of headings")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            count = load_register(read_register(file))
        except BadFile as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{count} employers loaded.")
