"""``gonghui audit``: verifies the chain over the entries, seals, and prints the heads (docs/operations.md)."""

import sys
from argparse import ArgumentParser
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime, make_aware

from gonghui.audit import heads, sealing
from gonghui.audit.models import Entry, Seal
from gonghui.audit.verification import Verification, last_before

REPORT_EVERY = 100_000
TOUCHED, UNKNOWN = 1, 2
"""Exit codes: something is not as it was sealed; it could not be verified."""


class Command(BaseCommand):
    help = "Verify the audit against its chain of seals. Exits with 1 when an entry was touched, 2 when it cannot tell."

    def add_arguments(self, parser: ArgumentParser) -> None:
        ways = parser.add_subparsers(dest="way", required=True)
        verify = ways.add_parser("verify", help="compare every entry with its seal, and the chain with its kept heads")
        verify.add_argument(
            "--since", type=date.fromisoformat, help="only what was sealed from this day on: 2027-01-31"
        )
        verify.add_argument(
            "--heads", type=Path, help="a folder of heads, or a file with a line for each, kept elsewhere"
        )
        ways.add_parser("heads", help="print the newest head, signed, to be kept apart; one line")
        ways.add_parser("seal", help="seal what waits now, also what came too late to be seen by the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['way']}")(options)

    def _verify(self, options: dict[str, Any]) -> None:
        kept = self._kept(options["heads"])
        since = options["since"]
        before = last_before(make_aware(datetime.combine(since, clock()))) if since else None
        run = Verification(self._progress())
        findings = run.run(kept, before)
        for finding in findings:
            self.stdout.write(f"TOUCHED  {finding}")
        if run.more:
            self.stdout.write(f"TOUCHED  and {run.more} more")
        if run.unsealed:
            listed = ", ".join(map(str, sorted(run.unsealed)[:20]))
            self.stdout.write(f"{len(run.unsealed)} entries below the newest seal are in none: {listed}. They were")
            self.stdout.write("committed late, or written by hand; gonghui audit seal takes them in.")
        self.stdout.write(f"{run.entries:,} entries in {run.seals:,} seals compared, with {len(kept)} kept heads.")
        if findings:
            self.stdout.write(f"{len(findings) + run.more} touched.")
            sys.exit(TOUCHED)
        if not run.seals or not kept:
            missing = "There are no seals yet" if not run.seals else f"There is no head in {heads.folder()}"
            self.stdout.write(f"{missing}: that the newest entries were not cut off cannot be told.")
            sys.exit(UNKNOWN)
        self.stdout.write("Nothing was touched.")

    def _kept(self, where: Path | None) -> list[heads.Head]:
        """Raises CommandError, with status 2, for a folder or file that is none of heads."""
        if where and not where.exists():
            raise CommandError(f"{where}: there is no such folder or file", returncode=UNKNOWN)
        try:
            return heads.kept(where)
        except (ValueError, OSError) as error:
            raise CommandError(str(error), returncode=UNKNOWN) from error

    def _progress(self) -> Any:
        told = 0

        def progress(seal: int, entries: int) -> None:
            nonlocal told
            if entries // REPORT_EVERY > told:
                told = entries // REPORT_EVERY
                self.stdout.write(f"{entries:,} entries compared, up to seal {seal}")
                self.stdout.flush()

        return progress

    def _heads(self, options: dict[str, Any]) -> None:
        newest = Seal.objects.order_by("-number").first()
        if newest is None:
            raise CommandError("there are no seals yet: start gonghui worker", returncode=UNKNOWN)
        self.stdout.write(str(heads.head_of(newest)))

    def _seal(self, options: dict[str, Any]) -> None:
        total = 0
        while count := sealing.seal_next():
            total += count
        run = Verification(self._progress())
        run.run()
        if run.unsealed:
            total += sealing.seal_next(sorted(run.unsealed))
        heads.keep()
        newest = Entry.objects.order_by("-at", "-id").values_list("at", flat=True).first()
        until = f", the newest entry is of {localtime(newest):%Y-%m-%d %H:%M:%S}" if newest else ""
        self.stdout.write(f"{total:,} entries sealed{until}.")
