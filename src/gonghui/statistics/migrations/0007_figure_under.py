"""A node's own figure is found by the index of nodes, also at a closing that is new. Made while the platform goes on working."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("statistics", "0006_duties")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS figure_under", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "figure",
            models.Index(
                fields=["superior", "closing", "closing_members", "id"], condition=Q(dimension=""), name="figure_under"
            ),
        ),
        RemoveIndexConcurrently("figure", "figure_below"),
    ]
