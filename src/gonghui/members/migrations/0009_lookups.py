import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0008_documents_expire"),
        ("unions", "0004_former_code"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lookups",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.TextField(choices=[("person", "姓名与证件号码不相符"), ("code", "其他单位的组织机构代码")]),
                ),
                ("day", models.DateField(default=django.utils.timezone.localdate)),
                ("used", models.PositiveIntegerField(default=0)),
                (
                    "asked",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BinaryField(), default=list, size=None),
                ),
                (
                    "union",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="unions.union",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("union"), models.F("kind"), models.F("day"), name="member_lookups_once_a_day"
                    )
                ],
            },
        ),
    ]
