"""``gonghui manage open_inspection``: what 「开启年检」 does, for operators (SPEC 2.6, 7.4)."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate

from gonghui.inspections.models import Subject
from gonghui.inspections.windows.actions import open_window
from gonghui.kit.errors import Refused
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union


class Command(BaseCommand):
    help = "Open an annual inspection of organisations or of their members, for the whole city or for some districts and bureaus."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("deadline", type=date.fromisoformat, help="the last day, such as 2026-12-20")
        parser.add_argument("--begins-on", type=date.fromisoformat, help="the first day; today by default")
        parser.add_argument("--year", type=int, help="this year by default")
        parser.add_argument("--level2", nargs="+", default=[], metavar="CODE", help="codes of districts and bureaus")
        parser.add_argument(
            "--subject", choices=Subject.values, default=Subject.ORGANISATIONS, help="what is inspected"
        )
        parser.add_argument("--banner", default="", help="what the officers' page says")

    def handle(self, *args: Any, deadline: date, level2: list[str], banner: str, **options: Any) -> None:
        by_code = {
            union.code: union
            for union in Union.objects.filter(kind__in=[UnionKind.DISTRICT, UnionKind.BUREAU], code__in=level2)
        }
        if unknown := sorted(set(level2) - set(by_code)):
            raise CommandError(f"no district or bureau has the code {', '.join(unknown)}")
        today = localdate()
        try:
            window = open_window(
                year=options["year"] or today.year,
                begins_on=options["begins_on"] or today,
                deadline=deadline,
                level2s=list(by_code.values()),
                banner=banner,
                subject=options["subject"],
                by=None,
            )
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"Opened {window}, {window.scope_label}, {window.begins_on} to {window.deadline}.")
