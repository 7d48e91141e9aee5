"""Unions are found by the first letters of their readings. Made while the platform goes on working."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations

from gonghui.unions.models import Grams, Initials


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("unions", "0009_states_by_table")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS union_initials", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "union",
            GinIndex(Grams(Initials("pinyin")), name="union_initials"),
        ),
    ]
