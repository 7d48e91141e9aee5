"""How many members of a month are retained."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("statistics", "0001_month_figures"),
    ]

    operations = [
        migrations.AddField(
            model_name="monthfigure",
            name="retained",
            field=models.PositiveIntegerField(null=True, verbose_name="保留会籍"),
        ),
    ]
