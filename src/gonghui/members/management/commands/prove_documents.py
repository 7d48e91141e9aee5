"""``gonghui manage prove_documents``: each member's document type and key as the number proves them."""

from typing import Any

from django.core.management.base import BaseCommand

from gonghui.members.identity import prove_documents

TOLD_EVERY = 100_000


class Command(BaseCommand):
    help = "Give every member the document type that the number proves. It may be ended and run again."

    def handle(self, *args: Any, **options: Any) -> None:
        def progress(rows: int) -> None:
            if rows % TOLD_EVERY == 0:
                self.stdout.write(f"Looking at members' documents: {rows:,} done")
                self.stdout.flush()

        mended = prove_documents(progress)
        self.stdout.write(f"All members' document types are what their numbers prove ({mended:,} mended in this run).")
