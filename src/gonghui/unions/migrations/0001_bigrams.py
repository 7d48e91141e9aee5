"""The SQL function behind every search by a fragment of a name."""

from django.db import migrations

from gonghui.kit.names import BIGRAMS_SQL


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(BIGRAMS_SQL, "DROP FUNCTION gonghui_bigrams(text)")]
