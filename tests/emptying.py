"""What tests with ``transaction=True`` have committed goes when they end: rows are deleted, where there are any.

Django truncates every table, which writes hundreds of files anew, and makes again what the migrations left. Here a
hundred tables are asked whether they hold a row, and what the migrations left stays.
"""

import pgtrigger
from django.db import connection, transaction

from gonghui.codelists.hooks import LISTS
from gonghui.codelists.models import Code
from gonghui.codelists.seeding import seed

CODES, FORMER_CODES = "codelists_code", "codelists_codeevent"
MIGRATED = {"django_migrations", "django_content_type", "auth_permission", CODES}
"""What a database holds whose migrations have run."""
FIRST = ("procrastinate_periodic_defers", "procrastinate_events", "procrastinate_jobs", "procrastinate_workers")
"""The keys of the job queue are checked at once; all others at the end of the transaction."""


def empty() -> None:
    """Delete all rows but those of MIGRATED; code lists that a test has changed are as after the migration."""
    with transaction.atomic(), connection.cursor() as cursor:
        others = {*connection.introspection.table_names(cursor)} - MIGRATED - {*FIRST}
        tables = [*FIRST, *sorted(others)]
        asked = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables)  # noqa: S608
        cursor.execute(" UNION ALL ".join(asked))
        filled = {name for (name,) in cursor.fetchall()}
        triggers = ",".join(trigger.get_pgid(model) for model, trigger in pgtrigger.registered())
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [f"{{{triggers}}}"])
        for name in tables:
            if name in filled:
                cursor.execute(f"DELETE FROM {name}")  # noqa: S608
        if FORMER_CODES in filled or Code.objects.count() != sum(len(one.choices) for one in LISTS.values()):
            cursor.execute(f"DELETE FROM {CODES}")  # noqa: S608
            seed()
            cursor.execute(f"DELETE FROM {FORMER_CODES}")  # noqa: S608
