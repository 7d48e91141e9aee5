"""The audit is searched by union, newest first. Made while the platform goes on working, as in 0002."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("audit", "0002_entries_by_time")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS entry_union_at", migrations.RunSQL.noop),
        AddIndexConcurrently("entry", models.Index(fields=["union_id", "-at", "-id"], name="entry_union_at")),
        RemoveIndexConcurrently("entry", "entry_union"),
    ]
