"""What is under way is found without a look at all applications, an order's lines without one at those of all orders. Made
while the platform goes on working.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

UNFINISHED = ("pending", "approved", "making", "failed", "made")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cards", "0003_states_by_table")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS card_application_under_way", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "application",
            models.Index(
                fields=["state", "batch"], condition=Q(state__in=UNFINISHED), name="card_application_under_way"
            ),
        ),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS card_line_order", migrations.RunSQL.noop),
        AddIndexConcurrently("line", models.Index(fields=["order", "id"], name="card_line_order")),
    ]
