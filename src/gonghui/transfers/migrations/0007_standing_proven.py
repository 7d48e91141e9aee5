"""Proves the departures of those who are there, and finds the expulsions. Made while the platform goes on working."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("transfers", "0006_standing")]

    operations = [
        ValidateConstraint("transfer", "transfer_leads_somewhere"),
        ValidateConstraint("transfer", "transfer_ends_by_document"),
        ValidateConstraint("transfer", "transfer_expulsion_acknowledged"),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS transfer_expulsions", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "transfer",
            models.Index(fields=["-id"], condition=models.Q(reason="expelled"), name="transfer_expulsions"),
        ),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS transfer_unacknowledged", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "transfer",
            models.Index(
                fields=["id"],
                condition=models.Q(reason="expelled", state="left", acknowledged_at=None),
                name="transfer_unacknowledged",
            ),
        ),
    ]
