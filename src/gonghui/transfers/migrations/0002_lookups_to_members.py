from django.db import migrations


class Migration(migrations.Migration):
    """The counter of missed look-ups goes down to the members, where all doors ask; what was counted today still counts."""

    dependencies = [
        ("members", "0009_lookups"),
        ("transfers", "0001_transfers"),
    ]

    operations = [
        migrations.RunSQL(
            """
            INSERT INTO members_lookups (union_id, kind, day, used, asked)
            SELECT union_id, 'person', day, misses, '{}' FROM transfers_lookups
            """,
            migrations.RunSQL.noop,
        ),
        migrations.DeleteModel(name="Lookups"),
    ]
