"""The keys of the names that are there: in batches, so that a killed run goes on where it was."""

from django.db import migrations

from gonghui.kit.names import stored_key, unit_key
from gonghui.unions.migrations._name_keys import fill

TABLES = ("unions_union", "unions_employer", "unions_registeredemployer")


def fill_keys(apps: object, schema_editor: object) -> None:
    for table in TABLES:
        fill(table, lambda name: {"name_key": stored_key(name, unit_key(name))})


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("unions", "0006_name_keys")]
    operations = [migrations.RunPython(fill_keys, migrations.RunPython.noop)]
