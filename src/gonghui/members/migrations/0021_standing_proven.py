"""Proves the standings of those who are there, and finds the retained. Made while the platform goes on working."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0020_standing")]

    operations = [
        ValidateConstraint("member", "member_standing_known"),
        ValidateConstraint("member", "member_ended_standing_is_dated"),
        ValidateConstraint("member", "member_retained_for_a_reason"),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS member_retained", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "member",
            models.Index(fields=["union", "id"], condition=models.Q(standing="retained"), name="member_retained"),
        ),
    ]
