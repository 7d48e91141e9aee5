"""The few members of unknown sex are found without a look at everybody. Made while the platform goes on working."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0024_aliases")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS member_of_unknown_sex", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "member",
            models.Index(fields=["union", "id"], condition=Q(sex="unknown"), name="member_of_unknown_sex"),
        ),
    ]
