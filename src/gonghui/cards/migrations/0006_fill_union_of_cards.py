"""The union of the cards that are there, in batches, so that a killed run goes on where it was; then their index."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models

BATCH = 20_000
FILL = """
WITH batch AS (SELECT id, member_id FROM cards_card WHERE id > %(last)s ORDER BY id LIMIT %(batch)s),
filled AS (
    UPDATE cards_card AS card SET union_id = member.union_id FROM batch JOIN members_member AS member ON member.id = batch.member_id
    WHERE card.id = batch.id AND card.union_id IS DISTINCT FROM member.union_id)
SELECT max(id) FROM batch
"""


def fill(apps: object, schema_editor: object) -> None:
    last: int | None = 0
    while last is not None:  # each batch a transaction: the migration has none
        with connection.cursor() as cursor:
            cursor.execute(FILL, {"last": last, "batch": BATCH})
            last = cursor.fetchone()[0]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cards", "0005_union_of_cards")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS card_union", migrations.RunSQL.noop),
        AddIndexConcurrently("card", models.Index(fields=["union", "-id"], name="card_union")),
    ]
