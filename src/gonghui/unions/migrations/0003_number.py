"""The running part of 工会编号, given at the approval of a filing (SPEC 2.2)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("unions", "0002_initial")]
    operations = [migrations.RunSQL("CREATE SEQUENCE unions_number", "DROP SEQUENCE unions_number")]
