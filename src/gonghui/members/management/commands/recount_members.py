"""``gonghui manage recount_members``: sets the unions' numbers of members, where they are not those of the rows."""

from typing import Any

from django.core.management.base import BaseCommand

from gonghui.members.memberships import recount, wrong_counts


class Command(BaseCommand):
    help = "Counts the members of the unions again that `gonghui check` names."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = wrong_counts()
        for union_id in wrong:
            recount(union_id)
        self.stdout.write(f"{len(wrong)} unions counted again.")
