"""Who was in a union on a past day is found by the memberships that have ended. Made while the platform goes on working."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0022_registered")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS membership_ended_union", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "membership",
            models.Index("union", "ended_on", condition=Q(ended_on__isnull=False), name="membership_ended_union"),
        ),
    ]
