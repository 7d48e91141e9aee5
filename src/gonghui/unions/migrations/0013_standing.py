"""How many members of a union are retained."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("unions", "0012_unions_by_age"),
    ]

    operations = [
        migrations.AddField(
            model_name="union",
            name="retained_count",
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name="保留会籍"),
        ),
        migrations.AddConstraint(
            model_name="union",
            constraint=models.CheckConstraint(
                condition=models.Q(("retained_count__lte", models.F("member_count"))), name="union_retained_are_members"
            ),
        ),
    ]
