"""``gonghui manage load_demo``: the demo's data, once. Exists in the demo only, and runs as the tables' owner."""

import time
from argparse import ArgumentParser
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from gonghui.demo_data.city.growing import Progress
from gonghui.demo_data.city.plan import Plan
from gonghui.demo_data.loading import FAVOURED, load

MEMBERS, UNIONS, SEED = 30_000, 400, 1


class Command(BaseCommand):
    help = "Load the demo's invented data; does nothing where there are users or unions already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--small", action="store_true", help="the story of forty unions alone, as the tests want it"
        )
        parser.add_argument("--members", type=int, default=MEMBERS)
        parser.add_argument("--unions", type=int, default=UNIONS)
        parser.add_argument("--seed", type=int, default=SEED, help="another seed gives another city")
        parser.add_argument("--processes", type=int, default=1, help="which make the rows of a large city")
        parser.add_argument("--leave-months", action="store_true", help="past months' figures are left to the worker")
        parser.add_argument("--must-load", action="store_true", help="fail where there is data already")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            plan = None if options["small"] else Plan(options["members"], options["unions"], options["seed"], FAVOURED)
        except ValueError as error:
            raise CommandError(str(error)) from error
        begun = time.monotonic()

        def progress(text: str) -> None:
            self.stdout.write(f"{text}, {time.monotonic() - begun:.0f} s")
            self.stdout.flush()

        if self._load(plan, progress, processes=options["processes"], months=not options["leave_months"]):
            progress("clearing up")
            with connection.cursor() as cursor:
                cursor.execute("VACUUM (ANALYZE)")  # so that the first pages are asked for by good plans
            self.stdout.write("Loaded.")
        elif options["must_load"]:
            raise CommandError("There are users or unions already: nothing loaded. Take an empty database.")
        else:
            self.stdout.write("There are users already: nothing loaded.")

    def _load(self, plan: Plan | None, progress: Progress, *, processes: int, months: bool) -> bool:
        try:
            return load(settings.ENVIRONMENT.city, plan, progress, processes=processes, months=months)
        except BrokenProcessPool as error:
            raise CommandError(
                "A process that makes rows was ended from outside, as when memory is short: take fewer --processes. "
                "What is loaded so far is of no use: empty the database."
            ) from error
