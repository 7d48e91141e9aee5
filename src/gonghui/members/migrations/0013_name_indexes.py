"""The indexes over the names' keys, made once, when all are there."""

import django.contrib.postgres.indexes
import django.db.models.functions.comparison
from django.db import migrations

import gonghui.unions.models


class Migration(migrations.Migration):
    dependencies = [("members", "0012_fill_name_keys")]
    operations = [
        migrations.AddIndex(
            model_name="member",
            index=django.contrib.postgres.indexes.GinIndex(
                gonghui.unions.models.Grams(django.db.models.functions.comparison.Coalesce("name_key", "name")),
                name="member_name_grams",
            ),
        ),
    ]
