"""Members are found by the first letters of their readings. Made while the platform goes on working."""

from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from gonghui.unions.models import Initials


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0016_returned_corrections"), ("unions", "0010_initials")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS member_initials", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "member",
            models.Index(OpClass(Initials("pinyin"), "text_pattern_ops"), "union", name="member_initials"),
        ),
    ]
