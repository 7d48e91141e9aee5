"""The SQL function behind every search by a fragment of a name."""

from django.db import migrations

from gonghui.unions.migrations._bigrams import SQL


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(SQL, "DROP FUNCTION gonghui_bigrams(text)")]
