"""The keys of the names that are there: in batches, so that a killed run goes on where it was."""

from contextlib import suppress

from django.db import migrations

from gonghui.kit.documents import Invalid
from gonghui.kit.names import clean_name
from gonghui.members.encryption import name_columns
from gonghui.unions.migrations._name_keys import fill


def columns(name: str) -> dict[str, str | None]:
    """With the name as it would be stored today: with ideographs in the place of radicals."""
    with suppress(Invalid):
        name = clean_name(name)
    return name_columns(name)


def fill_keys(apps: object, schema_editor: object) -> None:
    fill("members_member", columns)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("members", "0011_name_keys")]
    operations = [migrations.RunPython(fill_keys, migrations.RunPython.noop)]
