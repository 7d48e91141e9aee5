"""The front page counts the returned corrections of a union. Made while the platform goes on working."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0015_states_by_table")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS member_correction_returned", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "member",
            models.Index(
                fields=["union", "id"],
                condition=models.Q(correction="returned"),
                name="member_correction_returned",
            ),
        ),
    ]
