"""The indexes over the names' keys, made once, when all are there."""

import django.contrib.postgres.indexes
import django.db.models.functions.comparison
from django.db import migrations, models

import gonghui.unions.models


class Migration(migrations.Migration):
    dependencies = [("unions", "0007_fill_name_keys")]
    operations = [
        migrations.AddIndex(
            model_name="employer",
            index=django.contrib.postgres.indexes.GinIndex(
                gonghui.unions.models.Grams(django.db.models.functions.comparison.Coalesce("name_key", "name")),
                name="employer_name_grams",
            ),
        ),
        migrations.AddIndex(
            model_name="employer",
            index=models.Index(
                django.db.models.functions.comparison.Coalesce("name_key", "name"), name="employer_name_key"
            ),
        ),
        migrations.AddIndex(
            model_name="registeredemployer",
            index=django.contrib.postgres.indexes.GinIndex(
                gonghui.unions.models.Grams(django.db.models.functions.comparison.Coalesce("name_key", "name")),
                name="registered_name_grams",
            ),
        ),
        migrations.AddIndex(
            model_name="registeredemployer",
            index=models.Index(
                django.db.models.functions.comparison.Coalesce("name_key", "name"), name="registered_name_key"
            ),
        ),
        migrations.AddIndex(
            model_name="union",
            index=django.contrib.postgres.indexes.GinIndex(
                gonghui.unions.models.Grams(django.db.models.functions.comparison.Coalesce("name_key", "name")),
                name="union_name_grams",
            ),
        ),
        migrations.AddIndex(
            model_name="union",
            index=models.Index(
                django.db.models.functions.comparison.Coalesce("name_key", "name"), name="union_name_key"
            ),
        ),
    ]
