"""What waits is counted without a look at any request's text. Made while the platform goes on working."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("reviews", "0006_step_superior_stands")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS review_waiting", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "review",
            models.Index(
                fields=["id"],
                include=["submitted_at", "union", "kind", "doubts"],
                condition=Q(state="pending"),
                name="review_waiting",
            ),
        ),
    ]
