"""``gonghui check --statistics``: finds closed figures that are wrong, counts them again and says what has changed."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from gonghui.statistics.checking import find_wrong, mend

MOST = 200
"""Numbers that are listed."""


class Command(BaseCommand):
    help = "Checks the closed figures, and counts those again that are wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = find_wrong()
        for one in wrong:
            self.stdout.write(f"WRONG  figures of {one.closing}: {one.what}")
        if not wrong:
            self.stdout.write("ok     figures: every closing is as it was closed, and adds up")
            return
        mended = mend()
        for number in mended[:MOST]:
            self.stdout.write(f"       {number}")
        if len(mended) > MOST:
            self.stdout.write(f"       and {len(mended) - MOST} more")
        self.stdout.write(f"{len(mended)} numbers counted again, from {wrong[0].closing} on.")
        if still := find_wrong():
            self.stdout.write(f"still wrong: {still[0].closing}: {still[0].what}")
        sys.exit(1)
