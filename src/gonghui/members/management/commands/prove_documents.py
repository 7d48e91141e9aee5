"""``gonghui manage prove_documents``: stores for each member the document type and the key that the number proves."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gonghui.members.identity import prove_documents, prove_once

TOLD_EVERY = 100_000


class Command(BaseCommand):
    help = "Give every member the document type that the number proves. It may be ended and run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="also when all members were looked at before")

    def handle(self, *args: Any, **options: Any) -> None:
        def progress(rows: int) -> None:
            if rows % TOLD_EVERY == 0:
                self.stdout.write(f"Looking at members' documents: {rows:,} done")
                self.stdout.flush()

        mended = prove_documents(progress) if options["again"] else prove_once(progress)
        if mended is None:
            return
        self.stdout.write(f"All members' document types are what their numbers prove ({mended:,} mended in this run).")
