"""The audit search seeks by time: the indexes of verb and actor follow it.

Made while the platform goes on working, since a table of many million entries takes minutes. Whatever a run that was
stopped has left behind (an index that is not valid) is dropped before, so that the migration may be run again.
"""

from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


def anew(index: models.Index) -> list[migrations.operations.base.Operation]:
    drop = migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}", migrations.RunSQL.noop)
    return [drop, AddIndexConcurrently("entry", index)]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("audit", "0001_initial"),
    ]

    operations = [
        *anew(models.Index(fields=["actor", "-at", "-id"], name="entry_actor_at")),
        *anew(models.Index(fields=["verb", "-at", "-id"], name="entry_verb_at")),
        RemoveIndexConcurrently("entry", "entry_actor"),
        RemoveIndexConcurrently("entry", "entry_verb"),
    ]
