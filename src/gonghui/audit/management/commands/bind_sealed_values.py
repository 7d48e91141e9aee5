"""``gonghui manage bind_sealed_values``: binds the sealed values of the previous version to their column and row."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from gonghui.audit.binding import bind_all

REPORT_EVERY = 10_000


class Command(BaseCommand):
    help = "Bind sealed values of the version before to their rows; run as the owner. It may be ended and run again."

    def handle(self, *args: Any, **options: Any) -> None:
        rows_done: Counter[str] = Counter()

        def progress(table: str, rows: int) -> None:
            before = rows_done[table]
            rows_done[table] += rows
            if before // REPORT_EVERY != rows_done[table] // REPORT_EVERY or not before:
                self.stdout.write(f"Binding sealed values: {table}, {rows_done[table]:,} rows done")
                self.stdout.flush()

        total = bind_all(progress)
        self.stdout.write(f"All sealed values are bound to their rows ({total:,} rows in this run).")
